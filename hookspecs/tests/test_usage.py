from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from waldur_agent_hookspecs import Period, Usage

MARCH, APRIL = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)


def test_the_total_is_everybodys_and_nobodys() -> None:
    usage = Usage(
        members={"jdoe": {"cpu": Decimal("0.1"), "mem": Decimal(1)}, "asmith": {"cpu": Decimal("0.2")}},
        unattributed={"cpu": Decimal("0.3"), "gres/gpu": Decimal(4)},
    )
    assert usage.total == {"cpu": Decimal("0.6"), "mem": Decimal(1), "gres/gpu": Decimal(4)}


def test_nothing_used_is_nothing_in_total() -> None:
    assert Usage().total == {}


def test_the_total_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        Usage().total["cpu"] = Decimal(1)  # type: ignore[index] # what is tried here


def test_a_members_amounts_are_copied_and_cannot_be_changed() -> None:
    given = {"cpu": Decimal(1)}
    usage = Usage(members={"jdoe": given})
    given["cpu"] = Decimal(2)
    assert usage.members["jdoe"] == {"cpu": Decimal(1)}
    with pytest.raises(TypeError):
        usage.members["jdoe"]["cpu"] = Decimal(3)  # type: ignore[index] # what is tried here


@pytest.mark.parametrize(("start", "end"), [(MARCH.replace(tzinfo=None), APRIL), (MARCH, APRIL.replace(tzinfo=None))])
def test_a_period_knows_its_zone(start: datetime, end: datetime) -> None:
    with pytest.raises(ValueError, match="must know their time zone"):
        Period(start, end)


@pytest.mark.parametrize("end", [MARCH, datetime(2026, 2, 1, tzinfo=UTC)])
def test_a_period_ends_after_it_starts(end: datetime) -> None:
    with pytest.raises(ValueError, match="must end after it starts"):
        Period(MARCH, end)
