from __future__ import annotations

import threading
from collections.abc import Callable

from waldur_agent.modes.event_process.pending import MOST, Pending
from waldur_agent.modes.focus import Hint, Kind


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def order(number: int) -> Hint:
    return Hint(Kind.ORDER, f"{number:032x}")


def test_the_same_object_waits_once() -> None:
    pending = Pending()
    for _ in range(1000):
        pending.add([order(1), order(2)])
    assert pending.take(0) == {order(1): 0, order(2): 0}
    assert pending.take(0) == {}


def test_what_is_for_later_comes_later_and_a_new_hint_brings_it_forward() -> None:
    clock = Clock()
    pending = Pending(clock)
    pending.again(order(1), 3, 10)
    pending.again(order(2), 1, 10)
    assert pending.take(0) == {}
    pending.add([order(2)])
    assert pending.take(0) == {order(2): 1}, "how often it was tried is not forgotten"
    pending.add([order(1)], 60)
    clock.now += 10
    assert pending.take(0) == {order(1): 3}, "asking for later does not put off"


def test_what_comes_while_others_are_worked_on_waits_for_the_next_time() -> None:
    pending = Pending()
    pending.add([order(1)])
    taken = pending.take(0)
    pending.add([order(1)])
    assert taken == pending.take(0)


def test_whoever_waits_is_woken_by_a_hint_and_by_the_end() -> None:
    pending = Pending()
    got: list[object] = []
    acts: list[Callable[[], None]] = [lambda: pending.add([order(1)]), pending.close]
    for act in acts:
        thread = threading.Thread(target=lambda: got.append(dict(pending.take(60))))
        thread.start()
        act()
        thread.join(10)
        assert not thread.is_alive()
    assert got == [{order(1): 0}, {}]


def test_a_flood_becomes_a_whole_pass() -> None:
    pending = Pending()
    for number in range(3 * MOST):
        pending.add([order(number)])
    assert len(pending) <= MOST
    pending.add(Hint(Kind.PROJECT, f"{number:032x}") for number in range(2 * MOST))
    assert set(pending.take(0)) == {Hint(Kind.ALL_ORDERS), Hint(Kind.ALL_MEMBERS)}
