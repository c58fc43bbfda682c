from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st
from waldur_agent.planning import Calendar, Month, is_signed

ZONES = st.sampled_from(sorted(available_timezones()))
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - made aware


def calendar(now: datetime, zone: str = "UTC", months: int = 3) -> Calendar:
    return Calendar(ZoneInfo(zone), months, clock=lambda: now)


@given(ZONES, MOMENTS)
def test_months_follow_each_other_without_a_gap_and_the_first_holds_the_present(zone: str, now: datetime) -> None:
    months = calendar(now, zone).open_months()
    assert months[0].start <= now < months[0].end
    for later, earlier in pairwise(months):
        assert earlier.end == later.start
        assert earlier.start < earlier.end
    assert all(month.billing_period == date(month.start.year, month.start.month, 1) for month in months)


@given(ZONES, MOMENTS)
def test_a_moment_that_is_sent_is_past_signed_and_in_its_month_by_both_clocks(zone: str, now: datetime) -> None:
    for month in calendar(now, zone).open_months():
        if moment := month.moment(now):
            assert moment < now
            assert is_signed(moment)
            assert month.start <= moment < month.end
            assert (moment.year, moment.month) == (month.start.year, month.start.month)
        else:
            # Only a month that has hardly begun, by the later of both clocks, has no such moment.
            assert now - max(month.start, month.start.replace(tzinfo=UTC)) < timedelta(minutes=6)


@given(ZONES, MOMENTS)
def test_at_any_time_at_most_one_month_is_waldurs(zone: str, now: datetime) -> None:
    waldurs = [month for month in calendar(now, zone).open_months() if month.is_waldurs(now)]
    assert len(waldurs) <= 1
    for month in waldurs:
        assert (now.year, now.month) == (month.start.year, month.start.month)
    assert waldurs or (now + timedelta(minutes=3)).month != now.month or now.month != month_of(zone, now)


def month_of(zone: str, now: datetime) -> int:
    return now.astimezone(ZoneInfo(zone)).month


@pytest.mark.parametrize(
    ("zone", "month", "hours"),
    [
        ("UTC", "2024-02", 29 * 24),
        ("UTC", "2023-02", 28 * 24),
        ("Europe/Tallinn", "2026-03", 31 * 24 - 1),
        ("Europe/Tallinn", "2026-10", 31 * 24 + 1),
        ("Australia/Lord_Howe", "2026-04", 30 * 24 + 0.5),
        ("America/Havana", "2026-11", 30 * 24 + 1),  # clocks are put back over the first midnight of the month
    ],
)
def test_how_long_a_month_is(zone: str, month: str, hours: float) -> None:
    middle = datetime.fromisoformat(f"{month}-15T00:00:00Z")
    (found,) = calendar(middle, zone, months=1).open_months()
    assert (found.end.astimezone(UTC) - found.start.astimezone(UTC)).total_seconds() == hours * 3600


def test_a_past_moment_is_at_the_months_end_where_the_last_plan_holds() -> None:
    month = Month(datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC))
    assert str(month.moment(datetime(2026, 11, 25, tzinfo=UTC))) == "2026-10-31 23:59:42.424242+00:00"


@pytest.mark.parametrize("moment", [None, datetime(2026, 11, 1, 1, 1, 42, tzinfo=UTC)])
def test_a_moment_of_the_servers_own_is_not_signed(moment: datetime | None) -> None:
    assert not is_signed(moment)
