"""CT-MLI: a member's own limits within an account."""

from __future__ import annotations

from decimal import Decimal

from waldur_agent_hookspecs import NO_LIMITS, AccountRef, LimitChange, Limits, Member

from ..bench import Bench
from ..check import check, expect

_HOOKS = ("set_member_limits", "add_member", "create_account", "list_accounts")
_KEEP = "Write change.wanted, free what is in change.previous alone, leave every other component."


def _set(bench: Bench, ref: AccountRef, member: Member, wanted: Limits, previous: Limits = NO_LIMITS) -> bool:
    change = LimitChange(wanted, previous)
    return bool(bench.subject.ask("set_member_limits", ref=ref, member=member, change=change))


def _expect(bench: Bench, ref: AccountRef, member: Member, wanted: Limits, after: str) -> None:
    shown = bench.subject.state(ref).members.get(member.username)
    seen = f"after {after} list_accounts shows for {member.username} {shown} instead of {dict(wanted)}"
    expect(shown is not None and dict(shown) == wanted, "set_member_limits", seen, _KEEP)


class MemberLimitChecks:
    """One member is held, the others are not."""

    @check("CT-MLI-001", "One member uses up what was meant for all.", hooks=_HOOKS)
    def test_a_members_limits_that_were_set_are_read(self, bench: Bench) -> None:
        ref, wanted = bench.account(), bench.amounts(30)
        (member,) = bench.joined(ref)
        done = _set(bench, ref, member, wanted)
        _expect(bench, ref, member, wanted, f"set_member_limits, which answered {done}")
        expect(done, "set_member_limits", "answered False although limits were changed", "Answer True.")

    @check("CT-MLI-002", "Members' limits are written anew in every cycle.", hooks=_HOOKS)
    def test_a_members_limits_set_again_change_nothing(self, bench: Bench) -> None:
        ref, wanted = bench.account(), bench.amounts(30)
        (member,) = bench.joined(ref)
        _set(bench, ref, member, wanted)
        again = _set(bench, ref, member, wanted)
        expect(again is False, "set_member_limits", "answered True for what was so already", "Look first.")

    @check("CT-MLI-003", "A member who was freed in Waldur stays limited.", hooks=_HOOKS)
    def test_what_is_in_previous_alone_is_freed(self, bench: Bench) -> None:
        ref, wanted = bench.account(), bench.amounts(30)
        (member,) = bench.joined(ref)
        _set(bench, ref, member, wanted)
        _set(bench, ref, member, NO_LIMITS, previous=wanted)
        _expect(bench, ref, member, {}, "the component was in change.previous alone")

    @check("CT-MLI-004", "A change of one component frees a member from the others.", hooks=_HOOKS)
    def test_a_members_other_components_keep_their_limits(self, bench: Bench) -> None:
        ref, both = bench.account(), bench.amounts(30, components=2)
        (member,) = bench.joined(ref)
        first, second = both
        _set(bench, ref, member, both)
        _set(bench, ref, member, {first: both[first] * 2})
        _expect(bench, ref, member, {first: both[first] * 2, second: both[second]}, f"only {first} was set anew")

    @check("CT-MLI-005", "A member who was blocked with 0 works without end.", hooks=_HOOKS)
    def test_zero_is_a_members_limit(self, bench: Bench) -> None:
        ref, some = bench.account(), bench.amounts(30)
        (member,) = bench.joined(ref)
        _set(bench, ref, member, some)
        none = dict.fromkeys(some, Decimal(0))
        _set(bench, ref, member, none, previous=some)
        _expect(bench, ref, member, none, "0 was set")

    @check("CT-MLI-006", "One member's limit is everybody's.", hooks=_HOOKS)
    def test_other_members_and_the_account_keep_theirs(self, bench: Bench) -> None:
        ref = bench.account()
        alice, bob = bench.joined(ref, "alice", "bob")
        before = bench.subject.state(ref)
        _set(bench, ref, alice, bench.amounts(30))
        after = bench.subject.state(ref)
        expect(
            after.members[bob.username] == before.members[bob.username] and after.limits == before.limits,
            "set_member_limits",
            f"of {alice.username} made the account {after}, which was {before}",
            "Set the limits of this member in this account only.",
        )

    @check("CT-MLI-007", "A limit in one project holds in another.", hooks=_HOOKS)
    def test_the_person_is_not_limited_elsewhere(self, bench: Bench) -> None:
        one, two = bench.account("one"), bench.account("two")
        (alice,) = bench.joined(one, "alice")
        bench.joined(two, "alice")
        before = bench.subject.state(two)
        _set(bench, one, alice, bench.amounts(30))
        after = bench.subject.state(two)
        expect(after == before, "set_member_limits", f"made another account {after}, which was {before}", _KEEP)

    @check("CT-MLI-008", "Limits are told as set for a person who is not in.", hooks=_HOOKS)
    def test_who_is_not_in_has_none(self, bench: Bench) -> None:
        ref, change = bench.account(), LimitChange(bench.amounts(30))
        why = "the person is not in the account"
        bench.subject.refusal("set_member_limits", why, ref=ref, member=bench.member(), change=change)
        inside = bench.subject.state(ref).members
        expect(not inside, "set_member_limits", f"let {sorted(inside)} in", "Leave that to add_member.")

    @check("CT-MLI-009", "Who comes back is held by a limit of long ago.", hooks=("remove_member", *_HOOKS))
    def test_they_go_with_the_member(self, bench: Bench) -> None:
        ref = bench.account()
        (member,) = bench.joined(ref)
        _set(bench, ref, member, bench.amounts(30))
        bench.subject.ask("remove_member", ref=ref, member=member)
        bench.joined(ref)
        shown = dict(bench.subject.state(ref).members[member.username])
        expect(not shown, "remove_member", f"left the limits {shown}, seen when added anew", "Remove them, too.")

    @check("CT-MLI-010", "Several limits of a member become one.", hooks=_HOOKS)
    def test_several_limits_of_a_member_are_set_together(self, bench: Bench) -> None:
        ref, wanted = bench.account(), bench.amounts(30, components=3)
        (member,) = bench.joined(ref)
        _set(bench, ref, member, wanted)
        _expect(bench, ref, member, wanted, f"set_member_limits({wanted})")
