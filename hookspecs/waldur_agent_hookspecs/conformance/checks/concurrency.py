"""CT-CON: several offerings, processes and threads at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TypeVar

from waldur_agent_hookspecs import NotReady

from ..bench import Bench
from ..check import check, expect

_MAKE = ("create_account", "list_accounts")
_FILL = ("create_account", "add_member", "list_accounts")
AT_ONCE = 4
ROUNDS = 5
"""How often is asked again where the answer was 'not ready', as the agent would in the next cycles."""

_Answer = TypeVar("_Answer")


def _together(*tasks: Callable[[], _Answer]) -> list[_Answer]:
    with ThreadPoolExecutor(len(tasks)) as pool:
        return [future.result() for future in [pool.submit(task) for task in tasks]]


def _asking(bench: Bench, hook: str, **arguments: object) -> Callable[[], object]:
    """A task that asks an instance of its own, and again while that is not ready."""
    subject = bench.instance()

    def ask() -> object:
        answer: object = None
        for _ in range(ROUNDS):
            answer = subject.attempt(hook, **arguments)
            if not isinstance(answer, NotReady):
                break
        return answer

    return ask


class ConcurrencyChecks:
    """The agent runs a process for each mode, and one offering is not the only one."""

    @check("CT-CON-001", "Two processes make two accounts for one order.", hooks=_MAKE)
    def test_one_resource_made_twice_at_once_is_one_account(self, bench: Bench) -> None:
        ref = bench.ref()
        answers = _together(*(_asking(bench, "create_account", ref=ref) for _ in range(AT_ONCE)))
        state = bench.subject.state(ref)
        seen = f"answered {answers} to {AT_ONCE} at once, and list_accounts shows {state}"
        good = state.exists and all(answer == state.backend_id for answer in answers)
        expect(
            good,
            "create_account",
            seen,
            "Where the backend says that the name is taken, look again: another process may have made it for this "
            "resource since you looked. Or look and make under one lock, or raise NotReady to be asked again.",
        )

    @check("CT-CON-002", "While one order is carried out another one is lost.", hooks=_MAKE)
    def test_several_resources_made_at_once_are_all_there(self, bench: Bench) -> None:
        refs = [bench.ref(f"r{number}") for number in range(AT_ONCE)]
        answers = _together(*(_asking(bench, "create_account", ref=ref) for ref in refs))
        states = bench.subject.states(*refs)
        lost = [ref.slug for ref in refs if not states[ref.resource_uuid].exists]
        expect(not lost, "create_account", f"answered {answers}, and {lost} are not there", "Lose no other's change.")
        expect(len(set(answers)) == len(refs), "create_account", f"gave the ids {answers}", "One account for each.")

    @check("CT-CON-003", "Of persons who join at once some are lost.", hooks=_FILL)
    def test_members_added_at_once_are_all_in(self, bench: Bench) -> None:
        ref = bench.account()
        members = [bench.member(f"m{number}x") for number in range(AT_ONCE)]
        answers = _together(*(_asking(bench, "add_member", ref=ref, member=member) for member in members))
        inside = set(bench.subject.state(ref).members)
        lost = sorted({member.username for member in members} - inside)
        expect(
            not lost, "add_member", f"answered {answers} at once, and {lost} are not in", "Lose no other's change."
        )

    @check("CT-CON-004", "While one mode writes, another one reads that accounts are gone.", hooks=_MAKE)
    def test_reading_while_others_write_loses_nothing(self, bench: Bench) -> None:
        ref = bench.account()
        reader = bench.instance()

        written = Event()

        def read() -> bool:
            there = True
            while there and not written.is_set():
                answer = reader.attempt("list_accounts", refs=[ref])
                there = isinstance(answer, NotReady) or answer[ref.resource_uuid].exists
            return there

        def write() -> bool:
            try:
                _asking(bench, "create_account", ref=bench.ref("other"))()
            finally:
                written.set()
            return True

        seen = "shows an account as gone while another one is made"
        expect(all(_together(read, write)), "list_accounts", seen, "Read in one view, or raise NotReady.")

    @check(
        "CT-CON-005", "Two offerings on one cluster end each other's allocations.", hooks=("delete_account", *_FILL)
    )
    def test_offerings_leave_each_other_alone(self, bench: Bench) -> None:
        one, other = bench.subject, bench.instance(offering="Another")
        mine, yours = bench.account("mine"), bench.ref("yours", project="reef", customer="academy")
        other.ask("create_account", ref=yours)
        other.ask("add_member", ref=yours, member=bench.member("bob"))
        before = other.state(yours)
        one.ask("delete_account", ref=mine)
        after = other.state(yours)
        seen = f"made another offering's account {after}, which was {before}"
        expect(after == before, "delete_account", seen, "Remove only this resource's account.")

    @check("CT-CON-006", "A plugin mixes up offerings that it serves in one process.", hooks=_FILL)
    def test_instances_take_turns(self, bench: Bench) -> None:
        one, other = bench.subject, bench.instance(offering="Another")
        mine, yours = bench.ref("mine"), bench.ref("yours", project="reef", customer="academy")
        one.ask("create_account", ref=mine)
        other.ask("create_account", ref=yours)
        alice, bob = bench.member("alice"), bench.member("bob")
        one.ask("add_member", ref=mine, member=alice)
        other.ask("add_member", ref=yours, member=bob)
        seen = {
            name: sorted(subject.state(ref).members)
            for name, subject, ref in (("one", one, mine), ("other", other, yours))
        }
        good = seen == {"one": [alice.username], "other": [bob.username]}
        expect(good, "add_member", f"put members into {seen}", "Keep what belongs to an offering in its instance.")
