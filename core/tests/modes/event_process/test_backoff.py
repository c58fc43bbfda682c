from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from hypothesis import given
from hypothesis import strategies as st
from waldur_agent.modes.event_process.backoff import Backoff, retry_seconds


def nominal(waits: Iterator[float], count: int) -> list[float]:
    return [round(wait, 6) for wait in islice(waits, count)]


def test_waits_double_up_to_a_minute_and_never_end() -> None:
    assert nominal(Backoff(lambda: 0.5).after_failure(), 9) == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_a_broker_that_stood_is_expected_back_for_five_minutes() -> None:
    waits = nominal(Backoff(lambda: 0.5).after_loss(), 90)
    assert waits[:5] == [1, 2, 4, 4, 4]
    held = waits.count(4)
    assert 295 <= 3 + 4 * held <= 305
    assert waits[2 + held :][:5] == [8, 16, 32, 60, 60]


@given(st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=100))
def test_each_is_at_most_a_quarter_longer_or_shorter(chances: list[float]) -> None:
    for number, (chance, base) in enumerate(
        zip(chances, nominal(Backoff(lambda: 0.5).after_failure(), 100), strict=False)
    ):
        del chance
        given_chances = iter(chances)
        wait = list(islice(Backoff(lambda: next(given_chances)).after_failure(), number + 1))[-1]  # noqa: B023
        assert 0.75 * base <= wait <= 1.25 * base


@given(st.lists(st.floats(0, 1, exclude_max=True), min_size=60, max_size=60))
def test_one_that_is_back_after_half_a_minute_is_tried_within_five_seconds(chances: list[float]) -> None:
    drawn = iter(chances)
    at, waits = 0.0, Backoff(lambda: next(drawn)).after_loss()
    while at < 30:
        at += next(waits)
    assert at <= 35


def test_chance_is_real_by_default() -> None:
    assert len({next(Backoff().after_failure()) for _ in range(20)}) > 10


def test_an_object_is_left_alone_for_longer_each_time() -> None:
    assert [retry_seconds(attempt) for attempt in (0, 1, 2, 9, 10, 10_000)] == [0.5, 1, 2, 256, 300, 300]
