"""CT-BLK: a whole plan at once comes to the same as its changes one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from waldur_agent_hookspecs import (
    AccountRef,
    AccountState,
    AccountStatus,
    Change,
    LimitChange,
    Member,
    Outcome,
    OutcomeStatus,
    PluginError,
)

from ..bench import Bench
from ..check import check, expect
from ..subject import make_change

_BULK = ("apply_changes",)
_READ = ("apply_changes", "list_accounts")
_EQUAL = "Carry out each change as its own hook would, whatever the others come to."
MANY = 20


def _order(bench: Bench, ref: AccountRef, *names: str) -> list[Change]:
    """What a create order comes to."""
    return [
        make_change("create_account", ref=ref),
        make_change("set_limits", ref=ref, change=LimitChange(bench.amounts(90))),
        *(make_change("add_member", ref=ref, member=bench.member(name)) for name in names),
    ]


def _apply(bench: Bench, changes: Sequence[Change]) -> list[Outcome]:
    by_change = bench.subject.apply(*changes)
    return [by_change[id(change)] for change in changes]


def _expect_good(outcomes: Sequence[Outcome]) -> None:
    bad = [f"{one.change.kind}: {one.status.value} ({one.text})" for one in outcomes if not one.good]
    expect(not bad, "apply_changes", f"ended {'; '.join(bad[:3])}", "Nothing is in the way of these changes.")


def _told(state: AccountState) -> AccountState:
    """A state without what is different between two accounts by their names alone."""
    return replace(state, backend_id="", metadata={})


class BulkChecks:
    """One outcome for each change, and nobody fails for another."""

    @check("CT-BLK-001", "A plan with nothing in it fails.", hooks=_BULK)
    def test_a_plan_with_nothing_in_it(self, bench: Bench) -> None:
        outcomes = bench.subject.ask("apply_changes", changes=[])
        expect(not outcomes, "apply_changes", f"answered {outcomes!r} for no changes", "Answer an empty sequence.")

    @check("CT-BLK-002", "An order is told as done, and nothing was.", hooks=_READ)
    def test_a_whole_order_is_carried_out(self, bench: Bench) -> None:
        ref = bench.ref()
        outcomes = _apply(bench, _order(bench, ref, "alice", "bob"))
        _expect_good(outcomes)
        state = bench.subject.state(ref)
        names = {bench.member(name).username for name in ("alice", "bob")}
        seen = f"told all as done, and list_accounts shows {state}"
        good = (
            state.exists
            and set(state.members) == names
            and bench.limits_of(ref, bench.amounts(90)) == bench.amounts(90)
        )
        expect(good, "apply_changes", seen, _EQUAL)
        seen = f"gave the id {outcomes[0].backend_id!r}, and list_accounts shows {state.backend_id!r}"
        expect(outcomes[0].backend_id == state.backend_id, "apply_changes", seen, "Give the id of the account.")

    @check(
        "CT-BLK-003",
        "What is done in bulk differs from what is done one by one.",
        hooks=("apply_changes", "list_accounts", "create_account", "set_limits", "add_member"),
    )
    def test_in_bulk_is_as_one_by_one(self, bench: Bench) -> None:
        bulk, single = bench.ref("bulk"), bench.account("single")
        _apply(bench, _order(bench, bulk, "alice", "bob"))
        bench.limit(single, bench.amounts(90))
        bench.joined(single, "alice", "bob")
        states = bench.subject.states(bulk, single)
        one, other = (_told(states[ref.resource_uuid]) for ref in (bulk, single))
        expect(one == other, "apply_changes", f"came to {one}, the single hooks to {other}", _EQUAL)

    @check("CT-BLK-004", "A plan that is asked again after a crash fails, or is told as done again.", hooks=_READ)
    def test_a_plan_again_changes_nothing(self, bench: Bench) -> None:
        ref = bench.ref()
        changes = _order(bench, ref, "alice")
        _apply(bench, changes)
        before = bench.subject.state(ref)
        again = _apply(bench, changes)
        _expect_good(again)
        changed = [one.change.kind for one in again[1:] if one.status is not OutcomeStatus.UNCHANGED]
        seen = f"ended {changed} as {OutcomeStatus.DONE.value!r} although they were so already"
        expect(not changed, "apply_changes", seen, "End as 'unchanged' what was so already.")
        after = bench.subject.state(ref)
        expect(after == before, "apply_changes", f"made {after} of {before}", "Change nothing that is so already.")

    @check("CT-BLK-005", "One order that fails takes all others of the cycle with it.", hooks=_READ)
    def test_one_that_fails_does_not_fail_its_neighbours(self, bench: Bench) -> None:
        self._with_one_bad(bench, position=1)

    @check("CT-BLK-006", "What comes after a failure is never done, or told as done.", hooks=_READ)
    def test_what_comes_after_a_failure_is_done(self, bench: Bench) -> None:
        self._with_one_bad(bench, position=0)

    @staticmethod
    def _with_one_bad(bench: Bench, *, position: int) -> None:
        owner = bench.ref("owner")
        made = _apply(bench, [make_change("create_account", ref=owner)])
        _expect_good(made)
        bad = replace(owner, resource_uuid=bench.identifier("bad"))
        good = [bench.ref("one"), bench.ref("two")]
        orders = [_order(bench, ref, "alice") for ref in good]
        orders.insert(position, _order(bench, bad, "alice"))
        outcomes = _apply(bench, [change for order in orders for change in order])
        _expect_good([one for one in outcomes if one.change.ref != bad])
        failed = [one for one in outcomes if one.change.ref == bad]
        told = [f"{one.change.kind}: {one.status.value}" for one in failed if one.good]
        seen = f"ended {told} of a resource whose name another one's account has"
        expect(not told, "apply_changes", seen, "Refuse what is not this resource's own, and what depends on it.")
        states = bench.subject.states(owner, *good)
        absent = [ref.slug for ref in good if len(states[ref.resource_uuid].members) != 1]
        shown = [states[ref.resource_uuid] for ref in good]
        seen = f"told the orders of {absent} as done, and list_accounts shows {shown}"
        expect(not absent, "apply_changes", seen, _EQUAL)
        expect(
            not states[owner.resource_uuid].members, "apply_changes", "let somebody into another's account", _EQUAL
        )

    @check("CT-BLK-007", "Of many orders in one cycle some are lost.", hooks=_READ)
    def test_many_at_once(self, bench: Bench) -> None:
        refs = [bench.ref(f"r{number}", project=f"p{number % 3}") for number in range(MANY)]
        _expect_good(_apply(bench, [change for ref in refs for change in _order(bench, ref, "alice", "bob")]))
        states = bench.subject.states(*refs)
        lost = [ref.slug for ref in refs if len(states[ref.resource_uuid].members) != 2]
        expect(not lost, "apply_changes", f"told all as done, and {lost[:3]} are not as asked", _EQUAL)

    @check("CT-BLK-008", "Members are removed before others are added, or not at all.", hooks=_READ)
    def test_comings_and_goings_together(self, bench: Bench) -> None:
        ref = bench.ref()
        _apply(bench, _order(bench, ref, "alice", "bob"))
        leaves, joins = bench.member("alice"), bench.member("carol")
        plan = [
            make_change("add_member", ref=ref, member=joins),
            make_change("remove_member", ref=ref, member=leaves),
            make_change("remove_member", ref=ref, member=bench.member("nobody")),
        ]
        outcomes = _apply(bench, plan)
        _expect_good(outcomes)
        inside = set(bench.subject.state(ref).members)
        wanted = {bench.member("bob").username, joins.username}
        expect(inside == wanted, "apply_changes", f"left {sorted(inside)} in, not {sorted(wanted)}", _EQUAL)
        statuses = [one.status for one in outcomes]
        due = [OutcomeStatus.DONE, OutcomeStatus.DONE, OutcomeStatus.UNCHANGED]
        expect(statuses == due, "apply_changes", f"ended them {statuses}, not {due}", "Tell what was changed.")

    @check("CT-BLK-009", "Ending one allocation in a plan ends others.", hooks=_READ)
    def test_deleting_in_bulk_leaves_the_others(self, bench: Bench) -> None:
        ended, kept = bench.ref("ended"), bench.ref("kept")
        _apply(bench, [*_order(bench, ended, "alice"), *_order(bench, kept, "alice")])
        before = bench.subject.state(kept)
        plan = [make_change("delete_account", ref=ref) for ref in (ended, bench.ref("never"))]
        outcomes = _apply(bench, plan)
        _expect_good(outcomes)
        states = bench.subject.states(ended, kept)
        expect(
            not states[ended.resource_uuid].exists, "apply_changes", "left an account that it told as gone", _EQUAL
        )
        after = states[kept.resource_uuid]
        expect(after == before, "apply_changes", f"made a neighbour {after}, which was {before}", _EQUAL)
        seen = f"ended the deletion of an account that never was as {outcomes[1].status.value!r}"
        expect(outcomes[1].status is OutcomeStatus.UNCHANGED, "apply_changes", seen, "It was so already.")

    @check("CT-BLK-010", "A plan for an account that is not there is told as done.", hooks=_READ)
    def test_changes_of_what_is_not_there_are_not_done(self, bench: Bench) -> None:
        ref, member = bench.ref(), bench.member()
        plan = [
            make_change("set_limits", ref=ref, change=LimitChange(bench.amounts(5))),
            make_change("add_member", ref=ref, member=member),
        ]
        answer = bench.subject.attempt("apply_changes", changes=plan)
        if isinstance(answer, PluginError):
            return
        told = [f"{one.change.kind}: {one.status.value}" for one in answer if one.good]
        seen = f"ended {told}, though there is no such account"
        expect(not told, "apply_changes", seen, "End them as 'not ready': the next cycle reads again.")

    @check("CT-BLK-011", "Two equal changes get one outcome, and one is never settled.", hooks=_BULK)
    def test_equal_changes_each_get_an_outcome(self, bench: Bench) -> None:
        ref, member = bench.ref(), bench.member()
        twins = [make_change("add_member", ref=ref, member=member) for _ in range(2)]
        _expect_good(_apply(bench, [make_change("create_account", ref=ref), *twins]))

    @check(
        "CT-BLK-012",
        "Status, members' limits and the rest are forgotten in bulk.",
        hooks=("apply_changes", "list_accounts", "set_status", "set_member_limits"),
    )
    def test_every_kind_of_change(self, bench: Bench) -> None:
        ref = bench.ref()
        member: Member = bench.member("alice")
        own = LimitChange(bench.amounts(7))
        plan = [
            *_order(bench, ref, "alice"),
            make_change("set_status", ref=ref, status=AccountStatus.PAUSED),
            make_change("set_member_limits", ref=ref, member=member, change=own),
        ]
        outcomes = _apply(bench, plan)
        state = bench.subject.state(ref)
        _expect_good([one for one in outcomes if one.change.kind != "set_status"])
        shown = dict(state.members.get(member.username, {}))
        expect(shown == own.wanted, "apply_changes", f"left {member.username} the limits {shown}", _EQUAL)
        paused = next(one for one in outcomes if one.change.kind == "set_status")
        seen = f"ended the pause as {paused.status.value!r}, and list_accounts shows {state.status}"
        expect(paused.good is (state.status is AccountStatus.PAUSED), "apply_changes", seen, _EQUAL)

    @check("CT-BLK-013", "A plan is written although the agent was only asked to show it.", hooks=_READ)
    def test_nothing_is_written_while_only_showing(self, bench: Bench) -> None:
        ref = bench.ref()
        answer = bench.instance(read_only=True).attempt("apply_changes", changes=_order(bench, ref, "alice"))
        seen = f"made an account in a read_only context, and answered {answer!r}"
        expect(not bench.subject.state(ref).exists, "apply_changes", seen, "Write nothing where context.read_only.")
