from __future__ import annotations

import pytest
from waldur_agent.waldur.errors import NotFound, Refused, Unavailable, WaldurError, WrongState
from waldur_agent.waldur.settle import ROUNDS, Action, settle


class Thing:
    """Something that an action changes, over a line that loses answers."""

    def __init__(self, *posts: WaldurError | None, effective: bool = False, unreadable: bool = False) -> None:
        self.answers = list(posts)
        self.effective, self.unreadable = effective, unreadable
        self.done = False
        self.posts = self.looks = 0

    def post(self) -> None:
        self.posts += 1
        answer = self.answers.pop(0) if self.answers else None
        self.done = self.done or answer is None or self.effective
        if answer is not None:
            raise answer

    def look(self) -> bool:
        self.looks += 1
        if self.unreadable:
            raise Unavailable("cannot read")
        return self.done

    def action(self) -> Action:
        return Action("doing", self.post, self.look)


def outcome(thing: Thing) -> WaldurError | None:
    action = thing.action()
    return settle([action])[action]


def test_what_works_is_done_once_and_not_looked_up() -> None:
    thing = Thing()
    assert outcome(thing) is None
    assert (thing.posts, thing.looks) == (1, 0)


def test_a_lost_answer_of_a_done_action_is_success_without_repeating() -> None:
    thing = Thing(Unavailable("lost"), effective=True)
    assert outcome(thing) is None
    assert (thing.posts, thing.looks) == (1, 1)


def test_an_action_without_effect_is_repeated() -> None:
    thing = Thing(Unavailable("502"), Unavailable("502"))
    assert outcome(thing) is None
    assert thing.posts == 3


def test_it_ends_after_three_rounds() -> None:
    thing = Thing(*[Unavailable("502")] * 9)
    assert isinstance(outcome(thing), Unavailable)
    assert thing.posts == ROUNDS == 3


@pytest.mark.parametrize("refusal", [Refused("403"), NotFound("404")])
def test_a_refusal_is_final(refusal: WaldurError) -> None:
    thing = Thing(refusal)
    assert outcome(thing) is refusal
    assert thing.posts == 1


def test_a_wrong_state_that_is_the_wanted_one_is_success() -> None:
    thing = Thing(WrongState("409"), effective=True)
    assert outcome(thing) is None


def test_another_wrong_state_is_final() -> None:
    thing = Thing(WrongState("409"))
    assert isinstance(outcome(thing), WrongState)
    assert thing.posts == 1


def test_what_cannot_be_looked_up_is_repeated() -> None:
    thing = Thing(Unavailable("502"), unreadable=True)
    assert outcome(thing) is None
    assert thing.posts == 2


def test_one_failure_does_not_hold_the_others_up() -> None:
    things = [Thing(), Thing(Refused("no")), Thing()]
    actions = [thing.action() for thing in things]
    results = settle(actions)
    assert [type(results[action]) for action in actions] == [type(None), Refused, type(None)]
