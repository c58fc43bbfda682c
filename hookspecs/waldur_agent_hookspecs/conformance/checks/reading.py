"""CT-RED: reading what the backend holds."""

from __future__ import annotations

from dataclasses import replace

from waldur_agent_hookspecs import AccountState, AccountStatus, LimitChange

from ..bench import Bench
from ..check import check, expect
from ..watch import watched

_LIST = ("list_accounts",)
_READ = ("list_accounts", "create_account")
_FILLED = ("list_accounts", "create_account", "set_limits", "add_member")
FEW, MANY = 3, 40


class ReadingChecks:
    """Absence is a value, and everything that was written is shown."""

    @check("CT-RED-001", "An offering without resources fails in every cycle.", hooks=_LIST)
    def test_nothing_asked_is_nothing_answered(self, bench: Bench) -> None:
        states = bench.subject.states()
        expect(not states, "list_accounts", f"answered {dict(states)} for no refs", "Answer an empty mapping.")

    @check("CT-RED-002", "An account that is not there is taken for one that is.", hooks=_LIST)
    def test_what_never_was_is_absent(self, bench: Bench) -> None:
        state = bench.subject.state(bench.ref())
        expect(
            not state.exists and not state.conflict and not state.members and not state.limits,
            "list_accounts",
            f"shows {state} for a resource that never had an account",
            "Answer AccountState(exists=False), with the name to come as backend_id where it is known.",
        )

    @check("CT-RED-003", "An account that an administrator deleted is shown as if it were there.", hooks=_READ)
    def test_what_waldur_knows_and_the_backend_does_not_is_absent(self, bench: Bench) -> None:
        known = bench.account()
        gone = replace(bench.ref("gone"), backend_id=f"{known.backend_id}x")
        state = bench.subject.state(gone)
        expect(
            not state.exists and not state.conflict,
            "list_accounts",
            f"shows {state} for backend_id {gone.backend_id!r}, which the backend does not have",
            "Look whether it is there: that Waldur carries an id says nothing.",
        )

    @check("CT-RED-004", "What Waldur shows depends on how many accounts were asked for.", hooks=_FILLED)
    def test_all_at_once_are_as_each_alone(self, bench: Bench) -> None:
        one, two, absent = bench.account("one"), bench.account("two"), bench.ref("absent")
        bench.joined(one, "alice", "bob")
        bench.joined(two, "bob")
        bench.limit(two, bench.amounts(50))
        together = bench.subject.states(absent, two, one)
        for ref in (one, two, absent):
            alone = bench.subject.state(ref)
            expect(
                together[ref.resource_uuid] == alone,
                "list_accounts",
                f"shows {together[ref.resource_uuid]} among others, and {alone} alone",
                "Answer each ref by itself, whatever else is asked.",
            )

    @check(
        "CT-RED-005", "Two readings of an unchanged cluster differ, and every cycle does something.", hooks=_FILLED
    )
    def test_reading_changes_nothing(self, bench: Bench) -> None:
        ref = bench.account()
        bench.joined(ref)
        bench.limit(ref, bench.amounts(10))
        first, second = bench.subject.state(ref), bench.subject.state(ref)
        expect(first == second, "list_accounts", f"shows {first}, then {second}", "Reading has no effect.")

    @check("CT-RED-006", "What one agent process did is unknown to the other.", hooks=_FILLED)
    def test_another_instance_reads_the_same(self, bench: Bench) -> None:
        ref, other = bench.account(), bench.instance()
        other.state(ref)
        bench.joined(ref)
        bench.limit(ref, bench.amounts(10))
        here, there = bench.subject.state(ref), other.state(ref)
        expect(
            here == there,
            "list_accounts",
            f"shows {here}, and to another instance {there}",
            "Ask the backend each time; keep nothing in the instance from one cycle to the next.",
        )

    @check("CT-RED-007", "With a thousand accounts a cycle takes longer than the time between two.", hooks=_LIST)
    def test_the_cost_does_not_grow_with_the_accounts(self, bench: Bench) -> None:
        refs = [bench.ref(f"r{number}") for number in range(MANY)]
        bench.subject.states(*refs[:FEW])  # whatever is done once only
        with watched() as few:
            bench.subject.states(*refs[:FEW])
        with watched() as many:
            bench.subject.states(*refs)
        expect(
            many.total() <= 2 * few.total() + FEW,
            "list_accounts",
            f"started, connected or waited {few.total()} times for {FEW} accounts, {many.total()} times for {MANY}: "
            f"{', '.join(told for told, _ in many.most_common(2))}",
            "Ask the backend once for all of them.",
        )

    @check("CT-RED-008", "An account that was asked for twice is lost.", hooks=_READ)
    def test_the_order_of_refs_does_not_matter(self, bench: Bench) -> None:
        refs = [bench.account("one"), bench.ref("absent"), bench.account("two")]
        forth, back = bench.subject.states(*refs), bench.subject.states(*reversed(refs))
        expect(forth == back, "list_accounts", f"shows {forth} or {back}, by order", "Answer by resource_uuid.")

    @check(
        "CT-RED-009",
        "What is set on the cluster is invisible in Waldur, and set again in every cycle.",
        hooks=_FILLED,
    )
    def test_everything_that_was_written_is_shown(self, bench: Bench) -> None:
        ref = bench.account()
        people = {member.username for member in bench.joined(ref, "alice", "bob")}
        amounts = bench.amounts(11)
        bench.limit(ref, amounts)
        state = bench.subject.state(ref)
        remedy = "Read everything that the writing hooks write."
        seen = f"shows members {sorted(state.members)} where {sorted(people)} were added"
        expect(set(state.members) == people, "list_accounts", seen, remedy)
        again = bench.subject.ask("set_limits", ref=ref, change=LimitChange(amounts))
        writer = "set_limits" if again else "list_accounts"
        seen = f"{dict(state.limits)} is shown by list_accounts where set_limits was asked for {amounts}"
        expect(bench.limits_of(ref, amounts) == amounts, writer, seen, remedy)

    @check("CT-RED-010", "One account's members and limits are shown at another.", hooks=_FILLED)
    def test_accounts_are_not_mixed_up(self, bench: Bench) -> None:
        one, two = bench.account("one"), bench.account("two")
        (alice,), (bob,) = bench.joined(one, "alice"), bench.joined(two, "bob")
        bench.limit(one, bench.amounts(5))
        states = bench.subject.states(one, two)
        seen = {ref.backend_id: sorted(states[ref.resource_uuid].members) for ref in (one, two)}
        expect(
            set(seen[one.backend_id]) == {alice.username} and set(seen[two.backend_id]) == {bob.username},
            "list_accounts",
            f"shows members {seen}; {alice.username} was added to the first, {bob.username} to the second",
            "Show at each account its own members.",
        )
        expect(
            not states[two.resource_uuid].limits,
            "list_accounts",
            f"shows {dict(states[two.resource_uuid].limits)} at an account on which nothing was set",
            "Show at each account its own limits.",
        )

    @check("CT-RED-011", "An account that nobody restricted is shown as paused.", hooks=_READ)
    def test_a_new_account_is_active(self, bench: Bench) -> None:
        status = bench.subject.state(bench.account()).status
        expect(
            status in {None, AccountStatus.ACTIVE},
            "list_accounts",
            f"shows a new account as {status}",
            "A new account is active; None where the backend has no such notion.",
        )

    @check("CT-RED-012", "`waldur-agent plan` cannot show anything.", hooks=_READ)
    def test_an_instance_that_only_reads_reads_the_same(self, bench: Bench) -> None:
        ref = bench.account()
        here, there = bench.subject.state(ref), bench.instance(read_only=True).state(ref)
        expect(
            here == there,
            "list_accounts",
            f"shows {there} where the context is read_only, and {here} where it is not",
            "Reading is the same in a read_only context.",
        )

    @check("CT-RED-013", "An account is found by one offering and lost by the next.", hooks=_READ)
    def test_two_offerings_each_see_their_own(self, bench: Bench) -> None:
        ref, other = bench.account(), bench.instance(offering="Another")
        state = other.state(replace(ref, resource_uuid=bench.identifier("of another offering"), backend_id=""))
        expect(
            state.exists is False,
            "list_accounts",
            f"shows an account of another offering as this one's own: {state}",
            "It is this resource's own where it carries this resource_uuid.",
        )

    @check(
        "CT-RED-014", "What is shown in Waldur about an account comes and goes.", hooks=("account_metadata", *_READ)
    )
    def test_metadata_do_not_contradict_each_other(self, bench: Bench) -> None:
        ref = bench.account()
        told = bench.subject.ask("account_metadata", ref=ref)
        shown = bench.subject.state(ref).metadata
        expect(
            all(told.get(name, text) == text for name, text in shown.items()) and (told or not shown),
            "account_metadata",
            f"tells {dict(told)}, and list_accounts shows {dict(shown)}",
            "Tell the same in both: Waldur gets the one after an order, the other in every cycle.",
        )

    @check("CT-RED-015", "Metadata of an account are lost, or made up.", hooks=("account_metadata", *_READ))
    def test_metadata_are_told_again(self, bench: Bench) -> None:
        ref = bench.account()
        first = bench.subject.ask("account_metadata", ref=ref)
        second = bench.instance().ask("account_metadata", ref=ref)
        expect(first == second, "account_metadata", f"tells {first}, then {second}", "Tell what the backend holds.")

    @check("CT-RED-016", "A deleted account is still shown, with its members.", hooks=("delete_account", *_FILLED))
    def test_nothing_is_shown_of_what_is_gone(self, bench: Bench) -> None:
        bench.account("neighbour")
        ref = bench.account()
        bench.joined(ref)
        bench.subject.states(ref)
        bench.subject.ask("delete_account", ref=ref)
        state: AccountState = bench.subject.state(ref)
        again = bench.subject.attempt("delete_account", ref=ref)
        expect(
            not state.exists and not state.members,
            "list_accounts" if again is False else "delete_account",
            f"list_accounts shows {state} after delete_account",
            "Ask the backend each time; what is gone has neither members nor limits.",
        )
