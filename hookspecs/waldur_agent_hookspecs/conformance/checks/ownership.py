"""CT-OWN: whose is it? What is not this resource's own is neither adopted nor changed nor removed."""

from __future__ import annotations

from dataclasses import replace

from waldur_agent_hookspecs import AccountRef, BackendError, LimitChange, PluginError

from ..bench import Bench
from ..check import check, expect

_MAKE = ("create_account", "list_accounts")
_READ = ("list_accounts", "create_account")
_FOREIGN = ("delete_account", "create_account", "list_accounts")
_PLANT = ("plant_foreign_account",)
_TAG = "It is this resource's own where it carries this resource_uuid, or Waldur carries its id."


def _namesake(bench: Bench, owner: AccountRef) -> AccountRef:
    """Another resource with the same slug, of which Waldur carries no id."""
    return replace(owner, resource_uuid=bench.identifier("namesake"), backend_id="")


class OwnershipChecks:
    """A resource's own, another resource's, and an administrator's."""

    # ------------------------------------------------------------ another resource's

    @check("CT-OWN-001", "A second order of the same name takes over somebody else's account.", hooks=_MAKE)
    def test_anothers_account_is_not_taken_over(self, bench: Bench) -> None:
        owner = bench.account()
        answer = bench.subject.attempt("create_account", ref=_namesake(bench, owner))
        expect(
            answer != owner.backend_id,
            "create_account",
            f"gave {answer!r}, which belongs to another resource with the same slug",
            f"Raise BackendError: the name is taken. {_TAG}",
        )
        expect(
            not isinstance(answer, PluginError) or isinstance(answer, BackendError),
            "create_account",
            f"raised {type(answer).__name__} for a taken name: {answer}",
            "Raise BackendError, with a text that says what is in the way: asking again would be refused again.",
        )

    @check("CT-OWN-002", "Waldur shows one customer another one's members and limits.", hooks=_READ)
    def test_anothers_account_is_not_shown_as_ones_own(self, bench: Bench) -> None:
        owner = bench.account()
        self._expect_not_own(bench, _namesake(bench, owner))

    @staticmethod
    def _expect_not_own(bench: Bench, ref: AccountRef) -> None:
        state = bench.subject.state(ref)
        expect(
            not state.exists,
            "list_accounts",
            f"shows another resource's account as this one's: {state}",
            f"{_TAG} Otherwise exists=False, and say in conflict what is in the way.",
        )

    @check("CT-OWN-004", "An order for a taken name is approved, and nobody learns what is in the way.", hooks=_READ)
    def test_a_taken_name_is_a_conflict(self, bench: Bench) -> None:
        owner = bench.account()
        stranger = _namesake(bench, owner)
        expect(
            bench.subject.state(stranger).conflict,
            "list_accounts",
            f"shows no conflict for a resource whose name {owner.backend_id!r} another resource's account has",
            "Set AccountState.conflict to a text that says what has the name.",
        )

    @check("CT-OWN-005", "Terminating one resource removes another one's account.", hooks=_FOREIGN)
    def test_anothers_account_is_not_deleted(self, bench: Bench) -> None:
        owner = bench.account()
        stranger = _namesake(bench, owner)
        answer = bench.subject.attempt("delete_account", ref=stranger)
        expect(
            bench.subject.state(owner).exists,
            "delete_account",
            f"removed another resource's account {owner.backend_id!r}",
            f"{_TAG} Never remove another one.",
        )
        expect(
            answer is not True,
            "delete_account",
            "answered True although nothing of this resource's own was there",
            "Answer False, or raise BackendError that says what has the name.",
        )

    @check(
        "CT-OWN-006",
        "An update of one resource changes another one's limits.",
        hooks=("set_limits", "create_account", "list_accounts"),
    )
    def test_anothers_limits_are_not_set(self, bench: Bench) -> None:
        owner = bench.account()
        stranger = _namesake(bench, owner)
        change = LimitChange(bench.amounts(7))
        self._expect_untouched(bench, owner, "set_limits", ref=stranger, change=change)

    @check(
        "CT-OWN-007",
        "A person of one project works on another one's hours.",
        hooks=("add_member", "create_account", "list_accounts"),
    )
    def test_nobody_is_let_into_anothers_account(self, bench: Bench) -> None:
        owner = bench.account()
        stranger = _namesake(bench, owner)
        self._expect_untouched(bench, owner, "add_member", ref=stranger, member=bench.member())

    @check(
        "CT-OWN-008",
        "A person who leaves one project is thrown out of another.",
        hooks=("remove_member", "add_member", "create_account", "list_accounts"),
    )
    def test_nobody_is_removed_from_anothers_account(self, bench: Bench) -> None:
        owner = bench.account()
        (member,) = bench.joined(owner)
        stranger = _namesake(bench, owner)
        self._expect_untouched(bench, owner, "remove_member", ref=stranger, member=member)

    @staticmethod
    def _expect_untouched(bench: Bench, owner: AccountRef, hook: str, **arguments: object) -> None:
        before = bench.subject.state(owner)
        bench.subject.attempt(hook, **arguments)
        after = bench.subject.state(owner)
        expect(
            after == before,
            hook,
            f"asked for another resource, changed account {owner.backend_id!r} from {before} to {after}",
            f"{_TAG} Raise NotReady or BackendError where this resource has no account.",
        )

    # ------------------------------------------------------------ an administrator's

    @check(
        "CT-OWN-020", "An account that an administrator made is taken over by an order.", hooks=_FOREIGN, needs=_PLANT
    )
    def test_one_made_by_hand_is_not_adopted(self, bench: Bench) -> None:
        ref = bench.foreign()
        answer = bench.subject.attempt("create_account", ref=ref)
        expect(
            isinstance(answer, BackendError),
            "create_account",
            f"{'raised' if isinstance(answer, PluginError) else 'answered'} {answer!r}, although somebody made an "
            "account of that name by hand",
            "Raise BackendError that says what is in the way: the same name is not enough to be this resource's own.",
        )

    @check(
        "CT-OWN-021", "Members and limits of an administrator's account appear in Waldur.", hooks=_READ, needs=_PLANT
    )
    def test_one_made_by_hand_is_a_conflict(self, bench: Bench) -> None:
        state = bench.subject.state(bench.foreign())
        expect(
            not state.exists and state.conflict,
            "list_accounts",
            f"shows {state} where somebody made an account of that name by hand",
            "Answer exists=False with a conflict that says what is in the way.",
        )

    @check("CT-OWN-022", "A terminate order removes an administrator's account.", hooks=_FOREIGN, needs=_PLANT)
    def test_one_made_by_hand_is_not_deleted(self, bench: Bench) -> None:
        ref = bench.foreign()
        bench.subject.attempt("delete_account", ref=ref)
        expect(
            bench.subject.state(ref).conflict,
            "delete_account",
            "removed an account of that name that somebody had made by hand",
            "Remove only what carries this resource_uuid.",
        )

    @check("CT-OWN-023", "One account made by hand stops the whole offering.", hooks=_READ, needs=_PLANT)
    def test_one_made_by_hand_hurts_no_other(self, bench: Bench) -> None:
        foreign, own = bench.foreign("one"), bench.account("two")
        states = bench.subject.states(foreign, own)
        expect(
            states[own.resource_uuid].exists,
            "list_accounts",
            f"shows {states[own.resource_uuid]} for a good account beside a conflict",
            "A conflict belongs to its own AccountState; the others are answered as always.",
        )
