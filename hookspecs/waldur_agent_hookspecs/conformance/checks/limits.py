"""CT-LIM: limits of an account, in backend units."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from waldur_agent_hookspecs import AccountRef, LimitChange, Limits

from ..bench import Bench
from ..check import check, expect

_HOOKS = ("set_limits", "create_account", "list_accounts")
_WITH_MEMBERS = (*_HOOKS, "add_member", "set_member_limits")
_KEEP = "Write what is in change.wanted and leave every other component as it is."


def _expect_limits(bench: Bench, ref: AccountRef, wanted: Limits, after: str, remedy: str = _KEEP) -> None:
    shown = bench.limits_of(ref, wanted)
    expect(
        shown == wanted,
        "set_limits",
        f"list_accounts shows {_told(shown)} instead of {_told(wanted)} after {after}",
        remedy,
    )


def _told(limits: Limits) -> str:
    return ", ".join(f"{name}={amount}" for name, amount in sorted(limits.items())) or "no limits"


class LimitChecks:
    """What was ordered is what holds."""

    @check("CT-LIM-001", "The customer gets another amount than was ordered.", hooks=_HOOKS)
    def test_limits_that_were_set_are_read(self, bench: Bench) -> None:
        ref, wanted = bench.account(), bench.amounts(120)
        done = bench.limit(ref, wanted)
        shown = bench.limits_of(ref, wanted)
        expect(
            shown == wanted,
            "set_limits"
            if shown == wanted
            else bench.culprit("set_limits", done, ref=ref, change=LimitChange(wanted)),
            f"set_limits answered {done} to {_told(wanted)}, and list_accounts shows {_told(shown)}",
            _KEEP,
        )
        expect(done, "set_limits", "answered False although limits were changed", "Answer True: it was changed.")

    @check("CT-LIM-002", "Limits are written anew in every cycle, or paid in again after a crash.", hooks=_HOOKS)
    def test_limits_set_again_change_nothing(self, bench: Bench) -> None:
        ref, wanted = bench.account(), bench.amounts(120)
        bench.limit(ref, wanted)
        again = bench.limit(ref, wanted)
        _expect_limits(bench, ref, wanted, "the same limits were set twice")
        expect(again is False, "set_limits", "answered True for what was so already", "Look first, and answer False.")

    @check("CT-LIM-003", "An update order changes nothing, and the customer pays for it.", hooks=_HOOKS)
    def test_they_can_be_raised(self, bench: Bench) -> None:
        ref, less, more = bench.account(), bench.amounts(100), bench.amounts(150)
        bench.limit(ref, less)
        done = bench.limit(ref, more, previous=less)
        _expect_limits(bench, ref, more, f"{_told(less)} was raised")
        expect(done, "set_limits", "answered False although limits were raised", "Answer True: it was changed.")

    @check("CT-LIM-004", "A limit that was lowered stays as high as before.", hooks=_HOOKS)
    def test_they_can_be_lowered(self, bench: Bench) -> None:
        ref, more, less = bench.account(), bench.amounts(150), bench.amounts(100)
        bench.limit(ref, more)
        bench.sets_limits(ref)
        bench.limit(ref, less, previous=more)
        _expect_limits(bench, ref, less, f"{_told(more)} was lowered")

    @check("CT-LIM-005", "A limit of 0, which shall block everything, lets everybody work without end.", hooks=_HOOKS)
    def test_zero_is_a_limit(self, bench: Bench) -> None:
        ref, some, none = bench.account(), bench.amounts(100), dict.fromkeys(bench.amounts(100), Decimal(0))
        bench.limit(ref, some)
        bench.sets_limits(ref)
        bench.limit(ref, none, previous=some)
        remedy = "0 is an amount that blocks everything; only a missing key means that there is no limit."
        _expect_limits(bench, ref, none, f"{_told(some)} was set to 0", remedy)

    @check("CT-LIM-006", "An account that was blocked with 0 stays blocked.", hooks=_HOOKS)
    def test_after_zero_comes_more(self, bench: Bench) -> None:
        ref, some = bench.account(), bench.amounts(100)
        none = dict.fromkeys(some, Decimal(0))
        bench.limit(ref, none)
        bench.sets_limits(ref)
        bench.limit(ref, some, previous=none)
        _expect_limits(bench, ref, some, "0 was raised")

    @check("CT-LIM-007", "Of several components in an order only one is set.", hooks=_HOOKS)
    def test_several_components_are_set_together(self, bench: Bench) -> None:
        ref, wanted = bench.account(), bench.amounts(120, components=3)
        bench.limit(ref, wanted)
        _expect_limits(bench, ref, wanted, f"set_limits({_told(wanted)})")

    @check("CT-LIM-008", "An update of one component frees the others from their limits.", hooks=_HOOKS)
    def test_components_that_are_not_named_keep_their_limits(self, bench: Bench) -> None:
        ref, both = bench.account(), bench.amounts(120, components=2)
        first, second = both
        bench.limit(ref, both)
        more = both[first] * 2
        bench.limit(ref, {first: more})
        _expect_limits(bench, ref, {first: more, second: both[second]}, f"only {first} was set anew")

    @check("CT-LIM-009", "An update takes away the limits that an earlier order set.", hooks=_HOOKS)
    def test_components_in_previous_alone_keep_their_limits(self, bench: Bench) -> None:
        ref, both = bench.account(), bench.amounts(120, components=2)
        first, second = both
        bench.limit(ref, both)
        more = both[first] * 2
        bench.limit(ref, {first: more}, previous=both)
        remedy = "change.previous is what Waldur held before, for backends that add up; it frees nothing here."
        _expect_limits(
            bench, ref, {first: more, second: both[second]}, f"{second} was in change.previous only", remedy
        )

    @check("CT-LIM-010", "A limit that drifted on the cluster is never put right.", hooks=_HOOKS)
    def test_what_the_backend_has_counts_and_not_what_waldur_held(self, bench: Bench) -> None:
        ref, some, more = bench.account(), bench.amounts(30), bench.amounts(50)
        bench.limit(ref, some)
        bench.sets_limits(ref)
        bench.limit(ref, more, previous=more)
        remedy = "Compare change.wanted with what is on the backend; change.previous may be out of date."
        _expect_limits(bench, ref, more, f"{_told(more)} was wanted where Waldur held it already", remedy)

    @check("CT-LIM-011", "Large limits are rounded, or written as 1.2E+11.", hooks=_HOOKS)
    def test_large_amounts_are_exact(self, bench: Bench) -> None:
        ref, wanted = bench.account(), bench.amounts(123_456_789_013)
        bench.limit(ref, wanted)
        _expect_limits(bench, ref, wanted, f"set_limits({_told(wanted)})", "Calculate with Decimal, write with ':f'.")

    @check("CT-LIM-012", "A limit of 1000 becomes 1, as it was handed over as 1E+3.", hooks=_HOOKS)
    def test_amounts_with_an_exponent_are_understood(self, bench: Bench) -> None:
        ref = bench.account()
        wanted = {name: amount.scaleb(3) for name, amount in bench.amounts(1).items()}
        bench.limit(ref, wanted)
        _expect_limits(bench, ref, wanted, f"set_limits({_told(wanted)})", "Write a Decimal with ':f'.")

    @check("CT-LIM-013", "One customer's update changes another one's limits.", hooks=_HOOKS)
    def test_other_accounts_keep_their_limits(self, bench: Bench) -> None:
        one, two = bench.account("one"), bench.account("two")
        bench.limit(two, bench.amounts(70))
        bench.limit(one, bench.amounts(90))
        _expect_limits(bench, two, bench.amounts(70), f"limits of {one.backend_id!r}, its neighbour, were set")

    @check("CT-LIM-014", "An order without limits removes those that there are.", hooks=_HOOKS)
    def test_nothing_wanted_changes_nothing(self, bench: Bench) -> None:
        ref, some = bench.account(), bench.amounts(120)
        bench.limit(ref, some)
        done = bench.limit(ref, {})
        _expect_limits(bench, ref, some, "set_limits was asked for nothing")
        expect(done is False, "set_limits", "answered True where nothing was asked for", "Answer False.")

    @check("CT-LIM-015", "Setting an account's limits overrides what its members were given.", hooks=_WITH_MEMBERS)
    def test_members_keep_their_own(self, bench: Bench) -> None:
        ref = bench.account()
        (member,) = bench.joined(ref)
        own = LimitChange(bench.amounts(5))
        bench.subject.ask("set_member_limits", ref=ref, member=member, change=own)
        bench.limit(ref, bench.amounts(500))
        shown = dict(bench.subject.state(ref).members[member.username])
        expect(
            shown == own.wanted,
            "set_limits",
            f"made the own limits of member {member.username} {_told(shown)}, which were {_told(own.wanted)}",
            "Leave members' own limits to set_member_limits.",
        )

    @check(
        "CT-LIM-016",
        "Limits are reported as set on an account that is not there.",
        hooks=("set_limits", "list_accounts"),
    )
    def test_an_account_that_is_not_there_has_no_limits(self, bench: Bench) -> None:
        bench.account("neighbour")
        ref = bench.ref()
        for asked in (ref, replace(ref, backend_id=f"{ref.slug}-gone")):
            change = LimitChange(bench.amounts(5))
            bench.subject.refusal("set_limits", "there is no such account", ref=asked, change=change)
            seen = "made an account while setting limits"
            expect(not bench.subject.state(asked).exists, "set_limits", seen, "Leave that to create_account.")

    @check(
        "CT-LIM-017", "Who is in an account is thrown out by an update of its limits.", hooks=(*_HOOKS, "add_member")
    )
    def test_members_stay(self, bench: Bench) -> None:
        ref = bench.account()
        bench.joined(ref, "alice", "bob")
        before = set(bench.subject.state(ref).members)
        bench.limit(ref, bench.amounts(60))
        after = set(bench.subject.state(ref).members)
        expect(after == before, "set_limits", f"made members {before} {after}", "Set limits and nothing else.")

    @check("CT-LIM-018", "A limit that an order asked for is forgotten when the agent restarts.", hooks=_HOOKS)
    def test_another_instance_finds_them_set(self, bench: Bench) -> None:
        ref, wanted, other = bench.account(), bench.amounts(80), bench.instance()
        change = LimitChange(wanted, order=bench.identifier("order"))
        bench.subject.ask("set_limits", ref=ref, change=change)
        again = other.ask("set_limits", ref=ref, change=change)
        expect(
            again is False,
            "set_limits",
            "answered True to a new instance for what another one had set",
            "Look at the backend, not into the instance.",
        )
