from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from waldur_agent.emulator.shapes.shape import ABSENT, Shape, View, constant, day, moment, number
from waldur_agent.emulator.state import State


def never(_record: Any, _view: Any) -> Any:
    raise AssertionError("nobody asked for this field")


VIEW = View(State(), "http://127.0.0.1:1")


def test_only_the_fields_asked_for_are_worked_out() -> None:
    shape: Shape[str] = Shape({"name": lambda record, _: record.upper(), "costly": never})
    assert shape.render("x", VIEW, ["name", "unknown"]) == {"name": "X"}


def test_absent_fields_are_left_out_even_when_asked_for() -> None:
    shape: Shape[str] = Shape({"name": constant(1), "slug": constant(ABSENT)})
    assert shape.render("x", VIEW) == shape.render("x", VIEW, ["name", "slug"]) == {"name": 1}


def test_addresses_end_with_a_slash() -> None:
    assert VIEW.url("users", "ab") == "http://127.0.0.1:1/api/users/ab/"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (datetime(2026, 3, 1, 10, 0, 0, 5, tzinfo=UTC), "2026-03-01T10:00:00.000005Z"),
        (datetime(2026, 3, 1, 10, tzinfo=timezone(timedelta(hours=2))), "2026-03-01T08:00:00Z"),
        (None, None),
    ],
)
def test_moments_are_in_utc_and_end_with_z(value: datetime | None, text: str | None) -> None:
    assert moment(value) == text


def test_days_and_numbers() -> None:
    assert (day(date(2026, 3, 1)), day(None)) == ("2026-03-01", None)
    assert [number(value) for value in (Decimal("5.00"), Decimal("2.5"), None)] == [5, 2.5, None]
    assert isinstance(number(Decimal("5.00")), int)
