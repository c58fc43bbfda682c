from __future__ import annotations

from typing import Any

import pytest
from waldur_agent.emulator.errors import ApiError
from waldur_agent.emulator.query import Filters, ordered
from werkzeug.datastructures import MultiDict

UUID = "0123456789abcdef0123456789abcdef"
DASHED = "01234567-89AB-cdef-0123-456789abcdef"


def filters(*items: tuple[str, str]) -> Filters[str]:
    return Filters(MultiDict(items))


def test_uuid_matches_with_and_without_dashes() -> None:
    wanted = filters(("u", DASHED))
    wanted.uuid("u", lambda record: record)
    assert wanted.select([UUID, "0" * 32]) == [UUID]


def test_of_several_single_values_the_last_counts() -> None:
    wanted = filters(("u", "0" * 32), ("u", UUID))
    wanted.uuid("u", lambda record: record)
    assert wanted.select([UUID, "0" * 32]) == [UUID]


def test_of_several_listed_values_each_counts() -> None:
    wanted = filters(("u", "0" * 32), ("u", UUID))
    wanted.uuids("u", lambda record: record)
    assert wanted.select([UUID, "0" * 32, "1" * 32]) == [UUID, "0" * 32]


@pytest.mark.parametrize(
    ("method", "value", "error"),
    [
        ("uuid", "not-a-uuid", "Enter a valid UUID."),
        ("uuids", "not-a-uuid", "Enter a valid UUID."),
        ("between", "yesterday", "Enter a valid date/time."),
        ("number", "x", "Enter a number."),
    ],
)
def test_malformed_values_are_400(method: str, value: str, error: str) -> None:
    with pytest.raises(ApiError) as refusal:
        getattr(filters(("p", value)), method)("p", lambda record: record)
    assert (refusal.value.status, refusal.value.body) == (400, {"p": [error]})


def test_unknown_choice_is_400_in_waldurs_words() -> None:
    with pytest.raises(ApiError) as refusal:
        filters(("state", "ok")).choices("state", ("OK",), lambda record: record)
    text = "Select a valid choice. ok is not one of the available choices."
    assert refusal.value.body == {"state": [text]}


@pytest.mark.parametrize("value", ["", "maybe"])
def test_values_that_say_nothing_select_everything(value: str) -> None:
    wanted = filters(("f", value))
    wanted.flag("f", lambda record: record == "a")
    assert wanted.select(["a", "b"]) == ["a", "b"]


def test_sorting_counts_the_first_field_most_and_puts_nothing_last() -> None:
    records: list[dict[str, Any]] = [{"a": 2, "b": 1}, {"a": 1, "b": 1}, {"a": 1, "b": 2}, {"a": None, "b": 9}]
    keys = {"a": lambda r: r["a"], "b": lambda r: r["b"]}
    found = ordered(records, MultiDict([("o", "a"), ("o", "-b")]), keys)
    assert [(r["a"], r["b"]) for r in found] == [(1, 2), (1, 1), (2, 1), (None, 9)]
    assert ordered(records, MultiDict({"o": "a,-b"}), keys) == found


def test_sorting_by_an_unknown_field_is_400() -> None:
    with pytest.raises(ApiError, match="-x is not one of the available choices"):
        ordered([1], MultiDict({"o": "-x"}), {})
