"""CT-ERR: a backend that cannot be read, or does not answer."""

from __future__ import annotations

import time
from collections.abc import Callable

from waldur_agent_hookspecs import (
    AccountRef,
    AccountStatus,
    Component,
    HealthStatus,
    LimitChange,
    Member,
    NotReady,
    OutcomeStatus,
    PluginError,
)

from ..bench import Bench
from ..check import check, expect
from ..subject import make_change
from .usage import MARCH

_BREAK = ("break_backend",)
_HANG = ("hang_backend",)
_WHY = "the backend cannot be read"
_REMEDY = "Raise NotReady wherever it is not certain: 'could not read' is never 'absent', and never empty."
PATIENCE = 10.0
"""Seconds after which a hook has to give up in these checks."""


def _expect_not_ready(bench: Bench, hook: str, **arguments: object) -> None:
    """Ask while the backend is broken."""
    with bench.broken():
        error = bench.subject.refusal(hook, _WHY, **arguments)
    seen = f"raised {type(error).__name__} although {_WHY}: {error}"
    expect(isinstance(error, NotReady), hook, seen, _REMEDY)
    expect(
        len(str(error).split()) >= 4,
        hook,
        f"raised NotReady with nothing but {str(error)!r}",
        "Say what was asked, of whom, what came back and what to do next: an admin reads it at night.",
    )


def _filled(bench: Bench) -> tuple[AccountRef, Member]:
    ref = bench.account()
    (member,) = bench.joined(ref)
    return ref, member


class UnreadableChecks:
    """Not now: never 'absent', never 'empty', never 'no'."""

    @check(
        "CT-ERR-001", "A daemon that is down makes all accounts look deleted.", hooks=("list_accounts",), needs=_BREAK
    )
    def test_unreadable_list_accounts_is_not_ready(self, bench: Bench) -> None:
        _expect_not_ready(bench, "list_accounts", refs=[bench.ref()])

    @check(
        "CT-ERR-002",
        "Unreadable accounting is billed as zero.",
        hooks=("collect_usage", "create_account"),
        needs=_BREAK,
    )
    def test_unreadable_collect_usage_is_not_ready(self, bench: Bench) -> None:
        _expect_not_ready(bench, "collect_usage", refs=[bench.account()], period=MARCH)

    @check(
        "CT-ERR-003", "A create order fails for good because of a restart.", hooks=("create_account",), needs=_BREAK
    )
    def test_unreadable_create_account_is_not_ready(self, bench: Bench) -> None:
        _expect_not_ready(bench, "create_account", ref=bench.ref())

    @check(
        "CT-ERR-004",
        "An update order fails for good because of a restart.",
        hooks=("set_limits", "create_account"),
        needs=_BREAK,
    )
    def test_unreadable_set_limits_is_not_ready(self, bench: Bench) -> None:
        _expect_not_ready(bench, "set_limits", ref=bench.account(), change=LimitChange(bench.amounts(5)))

    @check(
        "CT-ERR-005",
        "A resource is set erred because of a restart.",
        hooks=("set_status", "create_account"),
        needs=_BREAK,
    )
    def test_unreadable_set_status_is_not_ready(self, bench: Bench) -> None:
        _expect_not_ready(bench, "set_status", ref=bench.account(), status=AccountStatus.PAUSED)

    @check(
        "CT-ERR-006",
        "A terminated account lives on: it was told to be gone.",
        hooks=("delete_account", "create_account"),
        needs=_BREAK,
    )
    def test_unreadable_delete_account_is_not_ready(self, bench: Bench) -> None:
        _expect_not_ready(bench, "delete_account", ref=bench.account())

    @check(
        "CT-ERR-007",
        "A person is left out for good because of a restart.",
        hooks=("add_member", "create_account"),
        needs=_BREAK,
    )
    def test_unreadable_add_member_is_not_ready(self, bench: Bench) -> None:
        _expect_not_ready(bench, "add_member", ref=bench.account(), member=bench.member())

    @check(
        "CT-ERR-008",
        "Who left works on: the removal was told as done.",
        hooks=("remove_member", "add_member", "create_account"),
        needs=_BREAK,
    )
    def test_unreadable_remove_member_is_not_ready(self, bench: Bench) -> None:
        ref, member = _filled(bench)
        _expect_not_ready(bench, "remove_member", ref=ref, member=member)

    @check(
        "CT-ERR-009",
        "A member's limit is told as set and is not.",
        hooks=("set_member_limits", "add_member", "create_account"),
        needs=_BREAK,
    )
    def test_unreadable_set_member_limits_is_not_ready(self, bench: Bench) -> None:
        ref, member = _filled(bench)
        change = LimitChange(bench.amounts(5))
        _expect_not_ready(bench, "set_member_limits", ref=ref, member=member, change=change)

    @check(
        "CT-ERR-010",
        "What is shown in Waldur is emptied by a restart.",
        hooks=("account_metadata", "create_account"),
        needs=_BREAK,
    )
    def test_unreadable_account_metadata_is_not_ready(self, bench: Bench) -> None:
        _expect_not_ready(bench, "account_metadata", ref=bench.account())

    @check(
        "CT-ERR-011",
        "A plan is shown that is not what will be done.",
        hooks=("preview_changes", "create_account"),
        needs=_BREAK,
    )
    def test_a_plan_that_cannot_be_previewed_is_not_ready(self, bench: Bench) -> None:
        ref = bench.account()
        with bench.broken():
            changes = [make_change("add_member", ref=ref, member=bench.member())]
            answer = bench.subject.attempt("preview_changes", changes=changes)
        good = isinstance(answer, NotReady) or not isinstance(answer, PluginError)
        expect(good, "preview_changes", f"raised {type(answer).__name__}: {answer}", _REMEDY)

    @check(
        "CT-ERR-012",
        "A whole plan fails for good because of a restart.",
        hooks=("apply_changes", "list_accounts"),
        needs=_BREAK,
    )
    def test_a_plan_that_cannot_be_applied_is_not_ready(self, bench: Bench) -> None:
        ref = bench.ref()
        changes = [make_change("create_account", ref=ref), make_change("add_member", ref=ref, member=bench.member())]
        with bench.broken():
            answer = bench.subject.attempt("apply_changes", changes=changes)
        if not isinstance(answer, PluginError):
            ended = {outcome.status for outcome in answer}
            seen = f"ended changes as {sorted(ended)} although {_WHY}"
            expect(ended <= {OutcomeStatus.NOT_READY, OutcomeStatus.WAITING}, "apply_changes", seen, _REMEDY)
        else:
            expect(
                isinstance(answer, NotReady), "apply_changes", f"raised {type(answer).__name__}: {answer}", _REMEDY
            )

    @check("CT-ERR-013", "`waldur-agent check` says that all is well.", hooks=("check_health",), needs=_BREAK)
    def test_an_unreadable_backend_is_not_healthy(self, bench: Bench) -> None:
        with bench.broken():
            answer = bench.subject.attempt("check_health")
        if isinstance(answer, NotReady):
            return
        expect(
            not isinstance(answer, PluginError), "check_health", f"raised {answer!r}", "Raise NotReady, or answer."
        )
        bad = [one for findings in answer for one in findings if one.status is HealthStatus.BAD]
        expect(bad, "check_health", f"finds everything good although {_WHY}", "Look, and tell what is bad.")
        lacking = [one.check for one in bad if not one.detail or not one.remedy]
        seen = f"does not say of {lacking} what was seen and how to mend it"
        expect(not lacking, "check_health", seen, "Set detail and remedy wherever the status is bad.")

    @check(
        "CT-ERR-014",
        "An order is rejected to the customer because of a restart.",
        hooks=("review_order",),
        needs=_BREAK,
    )
    def test_an_unreadable_backend_rejects_no_order(self, bench: Bench) -> None:
        from .orders import create_order  # noqa: PLC0415 - beside the other checks of orders

        with bench.broken():
            answer = bench.subject.attempt("review_order", order=create_order(bench, bench.ref()))
        rejected = not isinstance(answer, PluginError) and answer.verdict.value == "reject"
        expect(
            not rejected and (isinstance(answer, NotReady) or not isinstance(answer, PluginError)),
            "review_order",
            f"answered {answer!r} although {_WHY}",
            "Raise NotReady, or wait; a rejection ends the order.",
        )

    @check(
        "CT-ERR-015",
        "After a restart of the cluster the agent has to be restarted, too.",
        hooks=("list_accounts", "create_account"),
        needs=_BREAK,
    )
    def test_afterwards_everything_is_as_before(self, bench: Bench) -> None:
        ref = bench.account()
        before = bench.subject.state(ref)
        with bench.broken():
            bench.subject.attempt("list_accounts", refs=[ref])
            bench.subject.attempt("create_account", ref=bench.ref("two"))
        states = bench.subject.states(ref, bench.ref("two"))
        after = states[ref.resource_uuid]
        seen = f"shows {after} after the backend was away for a while, and showed {before}"
        expect(after == before, "list_accounts", seen, "Keep no failure in the instance.")
        seen = "refused to make an account, which is there after all"
        expect(not states[bench.ref("two").resource_uuid].exists, "create_account", seen, "Make all or nothing.")

    @check(
        "CT-ERR-016",
        "Whether components are served depends on the weather.",
        hooks=("describe_components",),
        needs=_BREAK,
    )
    def test_components_do_not_depend_on_the_weather(self, bench: Bench) -> None:
        configured: dict[str, Component] = dict(bench.components)
        before = bench.subject.ask("describe_components", configured=configured)
        with bench.broken():
            answer = bench.subject.attempt("describe_components", configured=configured)
        seen = f"described {before}, and {answer!r} where the backend cannot be read"
        expect(isinstance(answer, NotReady) or answer == before, "describe_components", seen, _REMEDY)

    # ------------------------------------------------------------ no answer

    @check(
        "CT-ERR-030", "A daemon that does not answer stops the agent for ever.", hooks=("list_accounts",), needs=_HANG
    )
    def test_reading_gives_up(self, bench: Bench) -> None:
        ref = bench.ref()
        self._gives_up(bench, "list_accounts", lambda: bench.subject.attempt("list_accounts", refs=[ref]))

    @check(
        "CT-ERR-031",
        "An order that is not answered stops the agent for ever.",
        hooks=("create_account",),
        needs=_HANG,
    )
    def test_writing_gives_up(self, bench: Bench) -> None:
        ref = bench.ref()
        self._gives_up(bench, "create_account", lambda: bench.subject.attempt("create_account", ref=ref))

    @staticmethod
    def _gives_up(bench: Bench, hook: str, ask: Callable[[], object]) -> None:
        with bench.hanging():
            begun = time.monotonic()
            answer = ask()
            waited = time.monotonic() - begun
        seen = f"answered {answer!r} while the backend does not answer"
        expect(isinstance(answer, NotReady), hook, seen, "Give up after a while and raise NotReady.")
        expect(waited < PATIENCE, hook, f"waited {waited:.0f} s", "Give up after a time that the site can set.")
