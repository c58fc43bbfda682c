from __future__ import annotations

from waldur_agent.modes.departed import Departed
from waldur_agent.planning import Earlier


def test_it_counts_from_one_whole_pass_to_the_next() -> None:
    departed = Departed()
    departed.note(removed=2, present=100, whole=True, tripped=False)
    assert departed.earlier == Earlier(0, 98)
    departed.note(removed=3, present=5, whole=False, tripped=False)
    departed.note(removed=1, present=5, whole=False, tripped=False)
    assert departed.earlier == Earlier(4, 98)
    departed.note(removed=0, present=94, whole=True, tripped=False)
    assert departed.earlier == Earlier(0, 94)


def test_what_is_held_stays_held_until_a_whole_pass_finds_nothing_to_hold() -> None:
    departed = Departed(Earlier(40, 100))
    departed.note(removed=0, present=5, whole=False, tripped=True)
    departed.forget()
    departed.note(removed=0, present=60, whole=True, tripped=True)
    departed.forget()
    assert departed.earlier.removals == 40
    departed.note(removed=0, present=55, whole=True, tripped=False)
    assert departed.earlier == Earlier(0, 55)


def test_it_can_forget_where_there_are_no_whole_passes() -> None:
    departed = Departed(Earlier(10, 100))
    departed.forget()
    assert departed.earlier == Earlier(0, 90)
    unknown = Departed(Earlier(10, None))
    unknown.forget()
    assert unknown.earlier == Earlier(0, None)
