"""Telling Waldur: which orders are taken on, turned down, done or failed. Each step is settled before the next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from waldur_agent_hookspecs import Outcome, OutcomeStatus

from waldur_agent.waldur import Action, Waldur, WaldurError, settle

from .reading import PENDING

Results = dict[str, WaldurError | None]
"""By UUID; None stands for success."""


def approve(waldur: Waldur, orders: Iterable[str]) -> Results:
    """Take orders on."""
    return _settle(
        {
            uuid: Action(
                f"approving order {uuid}", partial(waldur.approve, uuid), partial(_has_left, waldur, uuid, PENDING)
            )
            for uuid in orders
        }
    )


def reject(waldur: Waldur, comments: Mapping[str, str]) -> Results:
    """Turn orders down; the comments are for the customers."""
    return _settle(
        {
            uuid: Action(
                f"rejecting order {uuid}",
                partial(waldur.reject, uuid, comment),
                partial(_has_left, waldur, uuid, PENDING),
            )
            for uuid, comment in comments.items()
        }
    )


def finish(waldur: Waldur, done: Iterable[str], failed: Mapping[str, str]) -> Results:
    """Set orders done, or erred with a text for people."""
    actions = {
        uuid: Action(f"setting order {uuid} done", partial(waldur.set_done, uuid), partial(_is, waldur, uuid, "done"))
        for uuid in done
    }
    actions |= {
        uuid: Action(
            f"setting order {uuid} erred", partial(waldur.set_erred, uuid, text), partial(_is, waldur, uuid, "erred")
        )
        for uuid, text in failed.items()
    }
    return _settle(actions)


def tell_backend_ids(waldur: Waldur, backend_ids: Mapping[str, str]) -> Results:
    """Tell which account serves which resource (by resource UUID)."""
    return _settle(
        {
            uuid: Action(
                f"setting backend id {backend_id!r} on resource {uuid}",
                partial(waldur.set_backend_id, uuid, backend_id),
                partial(_carries, waldur, uuid, backend_id),
            )
            for uuid, backend_id in backend_ids.items()
        }
    )


def worst(outcomes: Iterable[Outcome]) -> Outcome | None:
    """The outcome that keeps an order from being done; None where there is none."""
    severity = [OutcomeStatus.FAILED, OutcomeStatus.NOT_READY, OutcomeStatus.HELD, OutcomeStatus.WAITING]
    bad = [outcome for outcome in outcomes if not outcome.good]
    return min(bad, key=lambda outcome: severity.index(outcome.status), default=None)


def _settle(actions: Mapping[str, Action]) -> Results:
    results = settle(list(actions.values()))
    return {uuid: results[action] for uuid, action in actions.items()}


def _has_left(waldur: Waldur, uuid: str, state: str) -> bool:
    return waldur.order(uuid).state != state


def _is(waldur: Waldur, uuid: str, state: str) -> bool:
    return waldur.order(uuid).state == state


def _carries(waldur: Waldur, uuid: str, backend_id: str) -> bool:
    return waldur.resource(uuid).backend_id == backend_id
