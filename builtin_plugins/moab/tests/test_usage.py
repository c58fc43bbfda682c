"""Charges of a period: summed exactly, cut at the months' bounds, never guessed."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from services.mam import Fault, Mam
from services.mam_plans import make_plugin, make_ref
from waldur_agent_hookspecs import NotReady, Period, Usage
from waldur_agent_moab.backend import MoabPlugin

MARCH = Period(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
HERE = make_ref(backend_id="a_climate")


def at(day: int, hour: int = 12, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _account(mam: Mam) -> None:
    mam.add_account("a_climate")


def used(plugin: MoabPlugin, period: Period = MARCH) -> Usage:
    return plugin.collect_usage([HERE], period)[HERE.resource_uuid]


def test_charges_are_summed_by_user_exactly(mam: Mam, plugin: MoabPlugin) -> None:
    for user, charge in [("jdoe", "12.5"), ("jdoe", "0.25"), ("asmith", "3"), ("asmith", "-1"), ("asmith", "1E-2")]:
        mam.charge("a_climate", user, charge, at(5))
    mam.charge("a_climate", "", "0.1", at(6))
    usage = used(plugin)
    assert usage.members == {"jdoe": {"deposit": Decimal("12.75")}, "asmith": {"deposit": Decimal("2.01")}}
    assert usage.total == {"deposit": Decimal("14.86")}


def test_whose_refunds_outweigh_the_rest_has_no_figure_and_lowers_the_total(mam: Mam, plugin: MoabPlugin) -> None:
    mam.charge("a_climate", "jdoe", "-12.5", at(5))
    mam.charge("a_climate", "asmith", "20", at(5))
    usage = used(plugin)
    assert usage.members == {"asmith": {"deposit": Decimal(20)}}
    assert usage.total == {"deposit": Decimal("7.5")}


def test_no_charges_are_zero_and_no_account_is_left_out(mam: Mam, plugin: MoabPlugin) -> None:
    gone = make_ref("gone", "a_gone")
    found = plugin.collect_usage([HERE, gone], MARCH)
    assert found[HERE.resource_uuid].total == {"deposit": Decimal(0)}
    assert gone.resource_uuid not in found
    mam.plays("message-when-empty")
    assert used(plugin).total == {"deposit": Decimal(0)}


@pytest.mark.parametrize("variants", [[], ["no-T-in-dates"]])
def test_a_month_is_whole_and_no_more(mam: Mam, plugin: MoabPlugin, variants: list[str]) -> None:
    mam.plays(*variants)
    for charge, when in [("1", at(1, 0)), ("2", at(31, 23)), ("100", at(28, 23, 2)), ("100", at(1, 1, 4))]:
        mam.charge("a_climate", "jdoe", charge, when)
    assert used(plugin).total == {"deposit": Decimal(3)}
    (call,) = [call for call in mam.calls if call.program == "mam-list-usagerecords"]
    assert call.arguments[-4:] == ("-s", "2026-03-01", "-e", "2026-04-01")


def test_dates_are_read_in_the_zone_of_the_bill(mam: Mam, plugin: MoabPlugin) -> None:
    zone = ZoneInfo("Pacific/Auckland")
    mam.charge("a_climate", "jdoe", "1", at(28, 12, 2))  # 1 March there
    mam.charge("a_climate", "jdoe", "2", at(31, 12))  # 1 April there
    assert used(plugin).total == {"deposit": Decimal(2)}
    there = Period(datetime(2026, 3, 1, tzinfo=zone), datetime(2026, 4, 1, tzinfo=zone))
    assert used(plugin, there).total == {"deposit": Decimal(1)}


def test_a_period_that_ends_within_a_day_has_that_day(mam: Mam, plugin: MoabPlugin) -> None:
    mam.charge("a_climate", "jdoe", "1", at(10, 1))
    mam.charge("a_climate", "jdoe", "2", at(11, 1))
    assert used(plugin, Period(at(1, 0), at(10, 9))).total == {"deposit": Decimal(1)}


@pytest.mark.parametrize(("variants", "in_march", "in_april"), [([], 0, 5), (["by-begin-of-job"], 5, 0)])
def test_a_job_over_the_end_of_a_month_is_billed_once_by_its_records_own_time(
    mam: Mam, plugin: MoabPlugin, variants: list[str], in_march: int, in_april: int
) -> None:
    """No manual says whether records are selected by the begin, the end or the charge of their job."""
    mam.plays(*variants)
    mam.charge("a_climate", "jdoe", "5", at(1, 4, 4), began=at(31, 20))
    april = Period(MARCH.end, datetime(2026, 5, 1, tzinfo=UTC))
    assert used(plugin).total == {"deposit": Decimal(in_march)}
    assert used(plugin, april).total == {"deposit": Decimal(in_april)}


@pytest.mark.parametrize(
    ("output", "text"),
    [("a_climate|jdoe|many\n", "amount"), ("a_climate|jdoe\n", "columns"), ("a|b|1\na|", "cut off")],
)
def test_what_cannot_be_read_is_not_billed(mam: Mam, plugin: MoabPlugin, output: str, text: str) -> None:
    mam.inject(Fault(program="mam-list-usagerecords", output=output, once=False))
    with pytest.raises(NotReady, match=text):
        used(plugin)


def test_an_error_is_not_zero(mam: Mam, plugin: MoabPlugin) -> None:
    mam.plays("not-root")
    with pytest.raises(NotReady, match="Permission denied"):
        used(plugin)
    mam.plays()
    mam.sql("delete from accounts")
    with pytest.raises(NotReady, match="no accounts at all"):
        used(plugin)


@pytest.mark.parametrize(
    ("variants", "most"), [([], 4), (["usage-needs-an-account"], 24), (["long-listings-are-cut"], 24)]
)
def test_all_accounts_cost_a_few_commands_where_one_listing_has_them(
    mam: Mam, plugin: MoabPlugin, variants: list[str], most: int
) -> None:
    mam.plays(*variants)
    refs = [make_ref(f"r{number}", f"a_r{number}") for number in range(20)]
    for number, ref in enumerate(refs):
        mam.add_account(ref.backend_id)
        mam.charge(ref.backend_id, "jdoe", str(number), at(2))
        mam.charge(ref.backend_id, "jdoe", "0.5", at(3))
    plugin.list_accounts(refs)
    with mam.counted() as calls:
        found = plugin.collect_usage(refs, MARCH)
    totals = [found[ref.resource_uuid].total["deposit"] for ref in refs]
    assert totals == [Decimal(number) + Decimal("0.5") for number in range(20)]
    assert len(calls) <= most


def test_a_long_listing_is_read_to_its_end(mam: Mam, plugin: MoabPlugin) -> None:
    rows = [("a_climate", f"user{number % 50}", "0.01", int(at(2).timestamp())) for number in range(20_000)]
    for begin in range(0, len(rows), 5000):
        part = [value for row in rows[begin : begin + 5000] for value in row]
        places = ", ".join(["(?, ?, ?, ?)"] * (len(part) // 4))
        mam.sql(f"insert into usagerecords (account, user, charge, time) values {places}", *part)  # noqa: S608 - places
    assert used(plugin).total == {"deposit": Decimal(200)}


def test_one_account_of_two_resources_is_billed_to_neither(mam: Mam) -> None:
    mam.charge("a_climate", "jdoe", "1", at(2))
    assert make_plugin().collect_usage([HERE, make_ref("other", "a_climate")], MARCH) == {}
