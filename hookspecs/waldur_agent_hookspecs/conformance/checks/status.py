"""CT-STA: how far members may use an account."""

from __future__ import annotations

import pytest

from waldur_agent_hookspecs import AccountRef, AccountStatus, BackendError

from ..bench import Bench
from ..check import check, expect
from ..subject import Subject

_HOOKS = ("set_status", "create_account", "list_accounts")
_FILLED = (*_HOOKS, "add_member", "set_limits")


def _set(subject: Subject, ref: AccountRef, status: AccountStatus) -> bool:
    answer = subject.attempt("set_status", ref=ref, status=status)
    if isinstance(answer, BackendError):
        pytest.skip(f"set_status refuses {status} with these settings: {answer}")
    return bool(answer) if isinstance(answer, bool) else bool(subject.ask("set_status", ref=ref, status=status))


def _round_trip(bench: Bench, *way: AccountStatus) -> None:
    ref = bench.account()
    for status in way:
        done = _set(bench.subject, ref, status)
        shown = bench.subject.state(ref).status
        expect(
            shown is status,
            "set_status",
            f"answered {done} for {status}, and list_accounts then shows {shown}",
            "Set it before you return, and let list_accounts read it; refuse with BackendError what cannot be set.",
        )
        expect(done, "set_status", f"answered False although {status} is new", "Answer True: it was changed.")


class StatusChecks:
    """Paused and let go again."""

    @check("CT-STA-001", "A customer who does not pay works on.", hooks=_HOOKS)
    def test_an_account_can_be_paused(self, bench: Bench) -> None:
        _round_trip(bench, AccountStatus.PAUSED)

    @check("CT-STA-002", "An exhausted allocation keeps its full priority.", hooks=_HOOKS)
    def test_an_account_can_be_downscaled(self, bench: Bench) -> None:
        _round_trip(bench, AccountStatus.DOWNSCALED)

    @check("CT-STA-003", "A customer who has paid stays locked out.", hooks=_HOOKS)
    def test_an_account_can_be_let_go_again(self, bench: Bench) -> None:
        _round_trip(bench, AccountStatus.PAUSED, AccountStatus.ACTIVE)

    @check("CT-STA-004", "Paused turns into downscaled, or the reverse.", hooks=_HOOKS)
    def test_one_follows_the_other(self, bench: Bench) -> None:
        _round_trip(bench, AccountStatus.DOWNSCALED, AccountStatus.PAUSED, AccountStatus.DOWNSCALED)

    @check("CT-STA-005", "The status is written anew in every cycle.", hooks=_HOOKS)
    def test_a_status_set_again_changes_nothing(self, bench: Bench) -> None:
        ref = bench.account()
        _set(bench.subject, ref, AccountStatus.PAUSED)
        for subject in (bench.subject, bench.instance()):
            again = subject.ask("set_status", ref=ref, status=AccountStatus.PAUSED)
            expect(again is False, "set_status", "answered True for what was so already", "Look first; answer False.")

    @check("CT-STA-006", "Pausing one allocation pauses its neighbours.", hooks=_HOOKS)
    def test_other_accounts_keep_their_status(self, bench: Bench) -> None:
        one, two = bench.account("one"), bench.account("two")
        before = bench.subject.state(two)
        _set(bench.subject, one, AccountStatus.PAUSED)
        after = bench.subject.state(two)
        expect(after == before, "set_status", f"made its neighbour {after}, which was {before}", "Set one account's.")

    @check("CT-STA-007", "Pausing an allocation throws its members out, or frees it from limits.", hooks=_FILLED)
    def test_a_status_leaves_members_and_limits(self, bench: Bench) -> None:
        ref = bench.account()
        bench.joined(ref, "alice", "bob")
        bench.limit(ref, bench.amounts(60))
        before = bench.subject.state(ref)
        _set(bench.subject, ref, AccountStatus.PAUSED)
        after = bench.subject.state(ref)
        expect(
            (after.members, after.limits) == (before.members, before.limits),
            "set_status",
            f"made it {after}, which was {before}",
            "Set the status and nothing else: it has to be undone by setting it back.",
        )

    @check("CT-STA-008", "Who joins a paused allocation, or updates it, lets everybody work again.", hooks=_FILLED)
    def test_a_status_outlasts_other_changes(self, bench: Bench) -> None:
        ref = bench.account()
        _set(bench.subject, ref, AccountStatus.PAUSED)
        for hook, change in (
            ("add_member", lambda: bench.joined(ref)),
            ("set_limits", lambda: bench.limit(ref, bench.amounts(60))),
            ("create_account", lambda: bench.create(ref)),
        ):
            change()
            status = bench.subject.state(ref).status
            expect(status is AccountStatus.PAUSED, hook, f"made a paused account {status}", "Leave the status alone.")

    @check("CT-STA-009", "A status is reported as set on an account that is not there.", hooks=("set_status",))
    def test_an_account_that_is_not_there_has_none(self, bench: Bench) -> None:
        why = "there is no such account"
        bench.subject.refusal("set_status", why, ref=bench.ref(), status=AccountStatus.PAUSED)
