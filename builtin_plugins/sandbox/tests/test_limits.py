from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from sqlite3 import Connection

import pytest
from waldur_agent_sandbox import Cluster, accounts, limits

BIG = Decimal("123456789012345678901.25")


@pytest.fixture
def db(cluster: Cluster) -> Iterator[Connection]:
    with cluster.writing() as db:
        accounts.add_by_hand(db, "a")
        yield db


def test_amounts_are_kept_to_the_last_digit_and_zero_is_one(db: Connection) -> None:
    assert limits.write(db, "a", {"cpu": BIG, "mem": Decimal(0)})
    assert limits.read(db, "a") == {"cpu": BIG, "mem": Decimal(0)}


def test_what_is_set_already_is_no_change(db: Connection) -> None:
    limits.write(db, "a", {"cpu": Decimal(6000)})
    assert not limits.write(db, "a", {"cpu": Decimal("6000.0")})


def test_components_that_are_not_wanted_keep_their_limit(db: Connection) -> None:
    limits.write(db, "a", {"cpu": Decimal(1), "mem": Decimal(2)})
    limits.write(db, "a", {"cpu": Decimal(3)})
    assert limits.read(db, "a") == {"cpu": Decimal(3), "mem": Decimal(2)}


def test_freed_components_have_none(db: Connection) -> None:
    limits.write(db, "a", {"cpu": Decimal(1), "mem": Decimal(2)})
    assert limits.write(db, "a", {}, freed=["mem", "gres/gpu"])
    assert limits.read(db, "a") == {"cpu": Decimal(1)}


def test_a_members_limits_are_not_the_accounts(db: Connection) -> None:
    limits.write(db, "a", {"cpu": Decimal(1)}, username="jdoe")
    assert limits.read(db, "a") == {}
    assert limits.read(db, "a", "jdoe") == {"cpu": Decimal(1)}
