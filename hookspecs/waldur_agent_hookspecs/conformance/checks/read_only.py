"""CT-ROC: nothing is written while the agent only shows what it would do."""

from __future__ import annotations

from waldur_agent_hookspecs import AccountRef, AccountStatus, LimitChange, Member

from ..bench import Bench
from ..check import check, expect

_READ = ("create_account", "list_accounts")
_REMEDY = "Where context.read_only is true write nothing; raise NotReady that says so."


def _filled(bench: Bench) -> tuple[AccountRef, Member]:
    ref = bench.account()
    (member,) = bench.joined(ref)
    return ref, member


def _expect_no_effect(bench: Bench, hook: str, ref: AccountRef, **others: object) -> None:
    before = bench.subject.state(ref)
    answer = bench.instance(read_only=True).attempt(hook, ref=ref, **others)
    after = bench.subject.state(ref)
    seen = f"answered {answer!r} in a read_only context, and made of {before} {after}"
    expect(after == before, hook, seen, _REMEDY)


class ReadOnlyChecks:
    """`plan` and `check` change nothing."""

    @check("CT-ROC-001", "Showing a plan makes accounts.", hooks=_READ)
    def test_while_only_showing_create_account_writes_nothing(self, bench: Bench) -> None:
        _expect_no_effect(bench, "create_account", bench.ref())

    @check("CT-ROC-002", "Showing a plan sets limits.", hooks=("set_limits", *_READ))
    def test_while_only_showing_set_limits_writes_nothing(self, bench: Bench) -> None:
        ref = bench.account()
        _expect_no_effect(bench, "set_limits", ref, change=LimitChange(bench.amounts(5)))

    @check("CT-ROC-003", "Showing a plan pauses accounts.", hooks=("set_status", *_READ))
    def test_while_only_showing_set_status_writes_nothing(self, bench: Bench) -> None:
        ref = bench.account()
        _expect_no_effect(bench, "set_status", ref, status=AccountStatus.PAUSED)

    @check("CT-ROC-004", "Showing a plan deletes accounts.", hooks=("delete_account", *_READ))
    def test_while_only_showing_delete_account_writes_nothing(self, bench: Bench) -> None:
        ref = bench.account()
        _expect_no_effect(bench, "delete_account", ref)

    @check("CT-ROC-005", "Showing a plan lets people in.", hooks=("add_member", *_READ))
    def test_while_only_showing_add_member_writes_nothing(self, bench: Bench) -> None:
        ref = bench.account()
        _expect_no_effect(bench, "add_member", ref, member=bench.member())

    @check("CT-ROC-006", "Showing a plan throws people out.", hooks=("remove_member", "add_member", *_READ))
    def test_while_only_showing_remove_member_writes_nothing(self, bench: Bench) -> None:
        ref, member = _filled(bench)
        _expect_no_effect(bench, "remove_member", ref, member=member)

    @check("CT-ROC-007", "Showing a plan limits people.", hooks=("set_member_limits", "add_member", *_READ))
    def test_while_only_showing_set_member_limits_writes_nothing(self, bench: Bench) -> None:
        ref, member = _filled(bench)
        change = LimitChange(bench.amounts(5))
        _expect_no_effect(bench, "set_member_limits", ref, member=member, change=change)
