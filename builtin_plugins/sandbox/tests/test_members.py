from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from sqlite3 import Connection

import pytest
from waldur_agent_hookspecs import Period
from waldur_agent_sandbox import Cluster, accounts, jobs, limits, members


@pytest.fixture
def db(cluster: Cluster) -> Iterator[Connection]:
    with cluster.writing() as db:
        accounts.add_by_hand(db, "a")
        accounts.add_by_hand(db, "b")
        yield db


def test_adding_and_removing_again_changes_nothing(db: Connection) -> None:
    assert [members.add(db, "a", "jdoe"), members.add(db, "a", "jdoe")] == [True, False]
    assert [members.remove(db, "a", "jdoe"), members.remove(db, "a", "jdoe")] == [True, False]


def test_members_come_with_their_limits(db: Connection) -> None:
    for username in ("jdoe", "asmith"):
        members.add(db, "a", username)
    limits.write(db, "a", {"cpu": Decimal(5)}, username="jdoe")
    assert members.list_members(db, "a") == {"asmith": {}, "jdoe": {"cpu": Decimal(5)}}


def test_a_removed_member_leaves_no_limits_there_and_stays_elsewhere(db: Connection) -> None:
    for account in ("a", "b"):
        members.add(db, account, "jdoe")
        limits.write(db, account, {"cpu": Decimal(5)}, username="jdoe")
    members.remove(db, "a", "jdoe")
    members.add(db, "a", "jdoe")
    assert members.list_members(db, "a") == {"jdoe": {}}
    assert members.list_members(db, "b") == {"jdoe": {"cpu": Decimal(5)}}


def test_a_removed_members_jobs_end(db: Connection) -> None:
    now = datetime.now(UTC)
    members.add(db, "a", "jdoe")
    jobs.simulate(db, "a", "jdoe", Period(now - timedelta(hours=1), now + timedelta(hours=1)), {"cpu": Decimal(1)})
    members.remove(db, "a", "jdoe")
    assert jobs.count_active(db, "a") == 0
