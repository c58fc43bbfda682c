from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from sqlite3 import Connection
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from waldur_agent_hookspecs import Period, Usage
from waldur_agent_sandbox import Cluster, accounts, jobs

MARCH = Period(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
FOUR_CORES = {"cpu": Decimal(4)}


@pytest.fixture
def db(cluster: Cluster) -> Iterator[Connection]:
    with cluster.writing() as db:
        accounts.add_by_hand(db, "a")
        accounts.add_by_hand(db, "b")
        yield db


def _span(start: datetime, minutes: float) -> Period:
    return Period(start, start + timedelta(minutes=minutes))


def _around_now() -> Period:
    now = datetime.now(UTC)
    return Period(now - timedelta(hours=1), now + timedelta(hours=1))


def test_usage_is_minutes_of_each_component_by_member(db: Connection) -> None:
    start = MARCH.start + timedelta(days=3)
    jobs.simulate(db, "a", "jdoe", _span(start, 90), {"cpu": Decimal(4), "mem": Decimal(8192)})
    jobs.simulate(db, "a", "jdoe", _span(start, 10), {"cpu": Decimal(1)})
    jobs.simulate(db, "a", "", _span(start, 1), {"cpu": Decimal("0.5")})
    jobs.simulate(db, "b", "asmith", _span(start, 5), FOUR_CORES)
    assert jobs.usage(db, "a", MARCH) == Usage(
        members={"jdoe": {"cpu": Decimal(370), "mem": Decimal(737280)}}, unattributed={"cpu": Decimal("0.5")}
    )


def test_an_account_without_jobs_used_nothing(db: Connection) -> None:
    assert jobs.usage(db, "a", MARCH) == Usage()


def test_a_job_is_cut_at_both_ends_of_the_period(db: Connection) -> None:
    jobs.simulate(db, "a", "jdoe", _span(MARCH.start - timedelta(minutes=10), 15), FOUR_CORES)
    jobs.simulate(db, "a", "jdoe", _span(MARCH.end - timedelta(minutes=10), 15), FOUR_CORES)
    assert jobs.usage(db, "a", MARCH).total == {"cpu": Decimal(60)}


def test_a_job_that_ends_as_the_period_starts_is_not_in_it(db: Connection) -> None:
    jobs.simulate(db, "a", "jdoe", Period(MARCH.start - timedelta(minutes=10), MARCH.start), FOUR_CORES)
    assert jobs.usage(db, "a", MARCH) == Usage()


def test_the_month_is_that_of_the_billing_zone(db: Connection) -> None:
    tallinn = ZoneInfo("Europe/Tallinn")
    march = Period(datetime(2026, 3, 1, tzinfo=tallinn), datetime(2026, 4, 1, tzinfo=tallinn))
    jobs.simulate(db, "a", "jdoe", _span(datetime(2026, 2, 28, 21, 30, tzinfo=UTC), 60), {"cpu": Decimal(1)})
    assert jobs.usage(db, "a", march).total == {"cpu": Decimal(30)}


@settings(deadline=None)
@given(cuts=st.lists(st.integers(1, 31 * 86400 - 1), unique=True, max_size=6), seconds=st.integers(1, 40 * 86400))
def test_cutting_a_period_into_parts_loses_no_second(cuts: list[int], seconds: int) -> None:
    # The jobs' table only, so that an example costs nothing.
    db = Connection(":memory:")
    db.execute("CREATE TABLE jobs (id INTEGER PRIMARY KEY, account, username, started, ends, resources)")
    jobs.simulate(db, "a", "jdoe", _span(MARCH.start - timedelta(days=3), seconds / 60), {"cpu": Decimal(60)})
    ends = [MARCH.start, *(MARCH.start + timedelta(seconds=cut) for cut in sorted(cuts)), MARCH.end]
    parts = [jobs.usage(db, "a", Period(*pair)).total for pair in pairwise(ends)]
    whole = jobs.usage(db, "a", MARCH).total
    db.close()
    assert sum(part.get("cpu", Decimal(0)) for part in parts) == whole.get("cpu", Decimal(0))


def test_an_active_job_counts_up_to_now(db: Connection) -> None:
    jobs.simulate(db, "a", "jdoe", _around_now(), {"cpu": Decimal(1)})
    day = _around_now()
    used = jobs.usage(db, "a", Period(day.start - timedelta(days=1), day.end + timedelta(days=1))).total["cpu"]
    assert Decimal(60) <= used < Decimal(70)


def test_active_jobs_are_counted_by_member(db: Connection) -> None:
    for username in ("jdoe", "jdoe", "asmith"):
        jobs.simulate(db, "a", username, _around_now(), FOUR_CORES)
    jobs.simulate(db, "a", "jdoe", _span(MARCH.start, 5), FOUR_CORES)  # over long ago
    assert jobs.count_active(db, "a") == 3
    assert jobs.count_active(db, "a", "jdoe") == 2


def test_stopping_ends_one_members_jobs_and_keeps_what_was_used(db: Connection) -> None:
    soon = datetime.now(UTC) + timedelta(days=1)
    for username in ("jdoe", "asmith"):
        jobs.simulate(db, "a", username, _around_now(), FOUR_CORES)
        jobs.simulate(db, "a", username, _span(soon, 60), FOUR_CORES)
    jobs.stop(db, "a", "jdoe")
    assert jobs.count_active(db, "a", "jdoe") == 0
    assert jobs.count_active(db, "a", "asmith") == 2
    week = Period(soon - timedelta(days=3), soon + timedelta(days=3))
    assert jobs.usage(db, "a", week).members["jdoe"]["cpu"] >= 240
