"""CT-USE: what was used, as it will be billed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from waldur_agent_hookspecs import AccountRef, Amounts, Member, Period, Usage

from ..bench import Bench
from ..check import check, expect
from ..watch import watched

_READ = ("collect_usage", "create_account")
_HOOKS = (*_READ, "add_member")
_ADD = ("add_usage",)
HOUR = timedelta(hours=1)
MARCH = Period(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
NOON = datetime(2026, 3, 15, 12, tzinfo=UTC)
FEW, MANY = 3, 40


def _of(bench: Bench, ref: AccountRef, period: Period = MARCH) -> Usage:
    usage = bench.subject.ask("collect_usage", refs=[ref], period=period)
    found = usage.get(ref.resource_uuid)
    seen = f"left out account {ref.backend_id!r}, which exists"
    remedy = "Only an account that does not exist is left out; one that used nothing has an empty Usage."
    expect(found is not None, "collect_usage", seen, remedy)
    return found or Usage()


def _amounts(bench: Bench, number: int, *, components: int = 1) -> dict[str, Decimal]:
    """Amounts that are whole per minute: 60 times the number, 120 times the number of the next component, …."""
    return {name: 60 * number * (place + 1) for place, name in enumerate(bench.amounts(1, components=components))}  # type: ignore[misc]


def _used(amounts: Amounts) -> dict[str, Decimal]:
    return {name: amount for name, amount in amounts.items() if amount}


def _expect(
    bench: Bench, ref: AccountRef, wanted: Amounts, *, what: str, remedy: str, period: Period = MARCH
) -> None:
    total = _used(_of(bench, ref, period).total)
    seen = f"tells {_told(total)} from {period.start} to {period.end}, where {_told(wanted)} was used: {what}"
    expect(total == wanted, "collect_usage", seen, remedy)


def _told(amounts: Amounts) -> str:
    return ", ".join(f"{name}={amount:f}" for name, amount in sorted(amounts.items())) or "nothing"


def _busy(bench: Bench, start: datetime, *, hours: int = 1) -> tuple[AccountRef, Member, dict[str, Decimal]]:
    """An account in which a member used one unit after another from ``start``, evenly."""
    ref, amounts = bench.account(), _amounts(bench, hours)
    (member,) = bench.joined(ref)
    bench.use(ref, member, amounts, start, start + hours * HOUR)
    return ref, member, amounts


class UsageChecks:
    """Neither too much nor too little, and never of somebody else."""

    @check("CT-USE-001", "An offering without resources cannot be reported.", hooks=("collect_usage",))
    def test_no_accounts_used_nothing(self, bench: Bench) -> None:
        usage = bench.subject.ask("collect_usage", refs=[], period=MARCH)
        expect(not usage, "collect_usage", f"answered {dict(usage)} for no refs", "Answer an empty mapping.")

    @check("CT-USE-002", "An idle account is missing in the report, and looks as if it were gone.", hooks=_READ)
    def test_an_idle_account_used_nothing(self, bench: Bench) -> None:
        total = _used(_of(bench, bench.account()).total)
        expect(not total, "collect_usage", f"tells {_told(total)} of a new account", "Tell what was used.")

    @check(
        "CT-USE-003", "An account that does not exist is billed with zero.", hooks=("collect_usage", "create_account")
    )
    def test_an_account_that_is_not_there_is_left_out(self, bench: Bench) -> None:
        idle = bench.account()
        absent = replace(bench.ref("absent"), backend_id=f"{idle.backend_id}x")
        usage = bench.subject.ask("collect_usage", refs=[idle, absent], period=MARCH)
        seen = f"tells {usage.get(absent.resource_uuid)} of an account that does not exist"
        expect(
            absent.resource_uuid not in usage, "collect_usage", seen, "Leave it out: it is reported, never billed."
        )
        expect(idle.resource_uuid in usage, "collect_usage", "left out an account that exists", "Answer for it.")

    @check("CT-USE-004", "A customer's hours are not billed.", hooks=_HOOKS, needs=_ADD)
    def test_what_a_member_used_is_told(self, bench: Bench) -> None:
        ref, member, amounts = _busy(bench, NOON)
        usage = _of(bench, ref)
        told = _used(usage.members.get(member.username, {}))
        seen = f"tells {_told(told)} of {member.username}, who used {_told(amounts)}"
        expect(told == amounts, "collect_usage", seen, "Tell each member's amounts in backend units.")

    @check("CT-USE-005", "The sum of the members is not what the customer pays.", hooks=_HOOKS, needs=_ADD)
    def test_the_total_is_the_sum(self, bench: Bench) -> None:
        ref, amounts = bench.account(), _amounts(bench, 1)
        for number, member in enumerate(bench.joined(ref, "alice", "bob")):
            bench.use(ref, member, amounts, NOON + number * HOUR, NOON + (number + 1) * HOUR)
        twice = {name: 2 * amount for name, amount in amounts.items()}
        _expect(
            bench,
            ref,
            twice,
            what="two members used as much",
            remedy="Add up all members; nobody is left out or doubled.",
        )
        members = _of(bench, ref).members
        expect(len(members) == 2, "collect_usage", f"tells of {sorted(members)}", "Tell each member's own amounts.")

    @check("CT-USE-006", "Several jobs of one member count as one.", hooks=_HOOKS, needs=_ADD)
    def test_all_of_a_members_use_is_added_up(self, bench: Bench) -> None:
        ref, member, amounts = _busy(bench, NOON)
        bench.use(ref, member, amounts, NOON + HOUR, NOON + 2 * HOUR)
        bench.use(ref, member, amounts, NOON, NOON + HOUR)  # beside the first
        three = {name: 3 * amount for name, amount in amounts.items()}
        _expect(bench, ref, three, what="a member used as much three times", remedy="Add up everything of a member.")

    @check("CT-USE-007", "Only one of several components is billed.", hooks=_HOOKS, needs=_ADD)
    def test_all_components_are_told(self, bench: Bench) -> None:
        ref, amounts = bench.account(), _amounts(bench, 1, components=3)
        (member,) = bench.joined(ref)
        bench.use(ref, member, amounts, NOON, NOON + HOUR)
        _expect(bench, ref, amounts, what="three components were used", remedy="Tell every component that is served.")

    # ------------------------------------------------------------ the period

    @check("CT-USE-010", "Last month's hours are billed again.", hooks=_HOOKS, needs=_ADD)
    def test_what_was_before_is_not_in_it(self, bench: Bench) -> None:
        ref, _, _ = _busy(bench, MARCH.start - 3 * HOUR)
        _expect(bench, ref, {}, what="all use was before", remedy="The period is half-open: [start, end).")

    @check("CT-USE-011", "Next month's hours are billed twice.", hooks=_HOOKS, needs=_ADD)
    def test_what_is_after_is_not_in_it(self, bench: Bench) -> None:
        ref, _, _ = _busy(bench, MARCH.end + 3 * HOUR)
        _expect(bench, ref, {}, what="all use was after", remedy="The period is half-open: [start, end).")

    @check("CT-USE-012", "What ended as the month began is billed in both months.", hooks=_HOOKS, needs=_ADD)
    def test_what_ends_as_it_starts_is_not_in_it(self, bench: Bench) -> None:
        bench.cuts_usage()
        ref, _, amounts = _busy(bench, MARCH.start - HOUR)
        _expect(bench, ref, {}, what="it ended as the period began", remedy="The period is half-open: [start, end).")
        before = Period(MARCH.start - 24 * HOUR, MARCH.start)
        _expect(
            bench,
            ref,
            amounts,
            what="it ended as the period ended",
            remedy="The period is half-open: [start, end).",
            period=before,
        )

    @check("CT-USE-013", "What starts as the month ends is billed in both months.", hooks=_HOOKS, needs=_ADD)
    def test_what_starts_as_it_ends_is_not_in_it(self, bench: Bench) -> None:
        ref, _, amounts = _busy(bench, MARCH.end)
        _expect(bench, ref, {}, what="it began as the period ended", remedy="The period is half-open: [start, end).")
        after = Period(MARCH.end, MARCH.end + 24 * HOUR)
        _expect(
            bench,
            ref,
            amounts,
            what="it began as the period began",
            remedy="The period is half-open: [start, end).",
            period=after,
        )

    @check(
        "CT-USE-014", "A job over the turn of the month is billed wholly, or not at all.", hooks=_HOOKS, needs=_ADD
    )
    def test_what_began_before_is_cut(self, bench: Bench) -> None:
        bench.cuts_usage()
        ref, _, _ = _busy(bench, MARCH.start - HOUR, hours=2)
        _expect(
            bench,
            ref,
            _amounts(bench, 1),
            what="half of it was before",
            remedy="Cut each piece of use to the period.",
        )

    @check("CT-USE-015", "A job that runs on is billed before it ran.", hooks=_HOOKS, needs=_ADD)
    def test_what_goes_on_after_is_cut(self, bench: Bench) -> None:
        bench.cuts_usage()
        ref, _, _ = _busy(bench, MARCH.end - HOUR, hours=2)
        _expect(
            bench, ref, _amounts(bench, 1), what="half of it was after", remedy="Cut each piece of use to the period."
        )

    @check("CT-USE-016", "A job that runs for more than a month is billed in none of them.", hooks=_HOOKS, needs=_ADD)
    def test_what_is_longer_than_the_period_is_cut_at_both_ends(self, bench: Bench) -> None:
        bench.cuts_usage()
        ref, _, _ = _busy(bench, NOON - HOUR, hours=3)
        short = Period(NOON, NOON + HOUR)
        _expect(
            bench,
            ref,
            _amounts(bench, 1),
            what="it lasted three hours",
            remedy="Cut each piece of use at both ends.",
            period=short,
        )

    @check("CT-USE-017", "The parts of a month are more, or less, than the month.", hooks=_HOOKS, needs=_ADD)
    def test_parts_add_up_to_the_whole(self, bench: Bench) -> None:
        bench.cuts_usage()
        ref, _, amounts = _busy(bench, NOON - HOUR, hours=2)
        halves = (Period(MARCH.start, NOON), Period(NOON, MARCH.end))
        parts = [_used(_of(bench, ref, half).total) for half in halves]
        summed = {name: sum(part.get(name, Decimal(0)) for part in parts) for name in amounts}
        whole = _used(_of(bench, ref).total)
        seen = f"tells {_told(whole)} of a month, and {' and '.join(map(_told, parts))} of its parts"
        expect(summed == whole, "collect_usage", seen, "Count what is at a boundary in one of the two periods.")

    @check("CT-USE-018", "Hours around midnight are billed in the wrong month.", hooks=_HOOKS, needs=_ADD)
    def test_the_zone_of_the_period_counts(self, bench: Bench) -> None:
        bench.cuts_usage()
        zone = ZoneInfo("Europe/Tallinn")
        ref, _, _ = _busy(bench, datetime(2026, 2, 28, 21, tzinfo=UTC), hours=2)
        march = Period(datetime(2026, 3, 1, tzinfo=zone), datetime(2026, 4, 1, tzinfo=zone))
        wanted = _amounts(bench, 1)
        _expect(
            bench,
            ref,
            wanted,
            what="half of it was in March there",
            remedy="Compare instants: both ends are aware.",
            period=march,
        )

    @check("CT-USE-019", "A month that has not come yet is billed.", hooks=_HOOKS, needs=_ADD)
    def test_an_empty_period_used_nothing(self, bench: Bench) -> None:
        ref, _, _ = _busy(bench, NOON)
        year = datetime.now(UTC).year + 5
        later = Period(datetime(year, 1, 1, tzinfo=UTC), datetime(year, 2, 1, tzinfo=UTC))
        _expect(
            bench,
            ref,
            {},
            what="all use was years before",
            remedy="Tell what was used within the period.",
            period=later,
        )

    # ------------------------------------------------------------ whose

    @check("CT-USE-030", "One customer pays another one's hours.", hooks=_HOOKS, needs=_ADD)
    def test_no_account_is_told_anothers_use(self, bench: Bench) -> None:
        busy, _, amounts = _busy(bench, NOON)
        idle = bench.account("idle")
        bench.joined(idle)
        usage = bench.subject.ask("collect_usage", refs=[idle, busy], period=MARCH)
        told = {ref.backend_id: _used(usage.get(ref.resource_uuid, Usage()).total) for ref in (idle, busy)}
        wanted = {idle.backend_id: {}, busy.backend_id: amounts}
        expect(told == wanted, "collect_usage", f"tells {told} where {wanted} was used", "Tell each its own.")

    @check("CT-USE-031", "The report depends on how many accounts were asked for.", hooks=_HOOKS, needs=_ADD)
    def test_the_use_of_many_is_as_of_each_alone(self, bench: Bench) -> None:
        busy, _, _ = _busy(bench, NOON)
        other = bench.account("other")
        (member,) = bench.joined(other, "bob")
        bench.use(other, member, _amounts(bench, 3), NOON, NOON + HOUR)
        together = bench.subject.ask("collect_usage", refs=[other, busy], period=MARCH)
        for ref in (busy, other):
            alone, among = _of(bench, ref), together.get(ref.resource_uuid)
            expect(
                among == alone, "collect_usage", f"tells {among} among others, {alone} alone", "Answer each alone."
            )

    @check(
        "CT-USE-032", "Hours of who has left the team are not billed.", hooks=("remove_member", *_HOOKS), needs=_ADD
    )
    def test_who_has_left_is_still_billed(self, bench: Bench) -> None:
        ref, member, amounts = _busy(bench, NOON)
        bench.subject.ask("remove_member", ref=ref, member=member)
        _expect(bench, ref, amounts, what="by a member who has left", remedy="What was used stays used.")

    @check("CT-USE-033", "Hours that nobody is named for are not billed.", hooks=_READ, needs=_ADD)
    def test_what_belongs_to_nobody_is_part_of_the_total(self, bench: Bench) -> None:
        ref, amounts = bench.account(), _amounts(bench, 1)
        try:
            bench.use(ref, Member(""), amounts, NOON, NOON + HOUR)
        except NotImplementedError:
            pytest.skip("add_usage: on this backend all use is somebody's")
        _expect(bench, ref, amounts, what="by nobody in particular", remedy="Put it into Usage.unattributed.")

    @check(
        "CT-USE-034",
        "An administrator's hours are billed to a customer.",
        hooks=(*_READ, "delete_account"),
        needs=("add_usage", "plant_foreign_account"),
    )
    def test_use_of_an_account_made_by_hand_is_not_told(self, bench: Bench) -> None:
        ref = bench.foreign()
        known = replace(ref, resource_uuid=bench.identifier("one"))
        named = replace(known, backend_id=bench.planted[-1])
        bench.use(named, bench.member(), _amounts(bench, 1), NOON, NOON + HOUR)
        usage = bench.subject.ask("collect_usage", refs=[ref], period=MARCH)
        told = usage.get(ref.resource_uuid)
        seen = f"tells {told} of an account of that name that somebody made by hand"
        expect(told is None, "collect_usage", seen, "Leave out what is not this resource's own.")

    # ------------------------------------------------------------ reading

    @check("CT-USE-040", "Two reports of the same month differ.", hooks=_HOOKS, needs=_ADD)
    def test_the_same_use_is_told_again(self, bench: Bench) -> None:
        ref, _, _ = _busy(bench, NOON)
        first, again = _of(bench, ref), bench.instance().ask("collect_usage", refs=[ref], period=MARCH)
        second = again.get(ref.resource_uuid)
        expect(first == second, "collect_usage", f"tells {first}, then {second}", "Ask the backend each time.")

    @check("CT-USE-041", "With a thousand accounts a report takes hours.", hooks=("collect_usage", "create_account"))
    def test_the_cost_of_a_report_does_not_grow_with_the_accounts(self, bench: Bench) -> None:
        known = bench.account()
        refs = [replace(bench.ref(f"r{number}"), backend_id=f"{known.backend_id}r{number}") for number in range(MANY)]
        bench.subject.ask("collect_usage", refs=refs[:FEW], period=MARCH)
        with watched() as few:
            bench.subject.ask("collect_usage", refs=refs[:FEW], period=MARCH)
        with watched() as many:
            bench.subject.ask("collect_usage", refs=refs, period=MARCH)
        expect(
            many.total() <= 2 * few.total() + FEW,
            "collect_usage",
            f"started, connected or waited {few.total()} times for {FEW} accounts, {many.total()} times for {MANY}: "
            f"{', '.join(told for told, _ in many.most_common(2))}",
            "Ask the backend once for all of them.",
        )

    @check("CT-USE-042", "What is billed changes who may work.", hooks=(*_HOOKS, "list_accounts"), needs=_ADD)
    def test_telling_the_use_changes_nothing(self, bench: Bench) -> None:
        ref, _, _ = _busy(bench, NOON)
        before = bench.subject.state(ref)
        _of(bench, ref)
        after = bench.subject.state(ref)
        expect(after == before, "collect_usage", f"made the account {after}, which was {before}", "Only read.")
