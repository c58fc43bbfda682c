"""Making sure that actions had their effect, although an answer may get lost on its way.

A POST whose answer did not come may or may not have been carried out. So a failed action is looked up afterwards
and repeated only if it had no effect; at most three rounds, and nothing sleeps in between.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .errors import Unauthorized, Unavailable, WaldurError, WrongState
from .gather import gather

log = logging.getLogger(__name__)

ROUNDS = 3


@dataclass(frozen=True, slots=True, eq=False)
class Action:
    """Something to be done once.

    Attributes:
        subject: For the log: what is done to what.
        post: Sends it; raises a :class:`WaldurError` where it failed.
        in_effect: Reads the object again and says whether it is as wanted.
    """

    subject: str
    post: Callable[[], None]
    in_effect: Callable[[], bool]


def settle(actions: Sequence[Action]) -> dict[Action, WaldurError | None]:
    """Carry the actions out, several at a time. None stands for success, also for "was so already"."""
    results: dict[Action, WaldurError | None] = {}
    pending: Sequence[Action] = actions
    for _ in range(ROUNDS):
        results |= gather(_carry_out, pending)
        pending = [action for action in pending if isinstance(results[action], Unavailable)]
        if not pending:
            break
    return results


def _carry_out(action: Action) -> WaldurError | None:
    try:
        action.post()
    except (Unavailable, WrongState) as error:
        return _look(action, error)
    except Unauthorized:
        raise
    except WaldurError as error:
        return error
    return None


def _look(action: Action, failure: Unavailable | WrongState) -> WaldurError | None:
    """Whether the action had its effect all the same."""
    try:
        done = action.in_effect()
    except WaldurError as error:
        log.debug("%s: %s; and it could not be looked up: %s", action.subject, failure, error)
        return failure if isinstance(failure, Unavailable) else error
    log.debug("%s: %s; looked up, it %s", action.subject, failure, "is done" if done else "is not done")
    return None if done else failure
