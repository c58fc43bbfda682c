"""Orders that wait for their provider: which are taken on, which are turned down, which wait on."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from waldur_agent_hookspecs import OrderType, PluginError, Review, Verdict

from waldur_agent.modes.focus import Hint, Kind
from waldur_agent.modes.served import Served
from waldur_agent.modes.summary import Summary
from waldur_agent.site import PluginBug
from waldur_agent.waldur import WaldurError

from . import settlement
from .reading import PENDING, OpenOrder, Reading, label

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a waiting order gets. ``item`` is None where Waldur makes the resource only on approval."""

    uuid: str
    label: str
    review: Review
    item: OpenOrder | None = None


def decide(work: Served, reading: Reading) -> list[Decision]:
    """Ask the plugin about each order that waits for approval."""
    decisions = [
        Decision(item.order.uuid, item.label, _review(work, item), item)
        for item in reading.orders
        if item.state == PENDING
    ]
    # Nothing can be said about an order without a resource; it is looked at again once it has one.
    decisions += [
        Decision(order.uuid, label(order), Review(Verdict.ACCEPT))
        for order in reading.nameless
        if order.state == PENDING
    ]
    return decisions


def _review(work: Served, item: OpenOrder) -> Review:
    try:
        return work.site.review_order(item.order)
    except (PluginError, PluginBug) as error:
        return Review(Verdict.WAIT, str(error))


def take_in(work: Served, decisions: Sequence[Decision]) -> Summary:
    """Approve and reject. What waits is left alone and reported."""
    summary = Summary()
    by_verdict: dict[Verdict, list[Decision]] = {verdict: [] for verdict in Verdict}
    for decision in decisions:
        by_verdict[decision.review.verdict].append(decision)
    for decision in by_verdict[Verdict.WAIT]:
        summary.trouble(f"{decision.label}: not approved: {decision.review.text}")
        summary.left.add(Hint(Kind.ORDER, decision.uuid))
    _reject(work, by_verdict[Verdict.REJECT], summary)
    _approve(work, by_verdict[Verdict.ACCEPT], summary)
    return summary


def _reject(work: Served, decisions: Sequence[Decision], summary: Summary) -> None:
    results = settlement.reject(work.waldur, {decision.uuid: decision.review.text for decision in decisions})
    for decision in decisions:
        if error := results[decision.uuid]:
            summary.trouble(f"{decision.label}: could not be rejected: {error}")
            summary.left.add(Hint(Kind.ORDER, decision.uuid))
        else:
            log.warning("%s: rejected: %s", decision.label, decision.review.text)
            summary.done += 1


def _approve(work: Served, decisions: Sequence[Decision], summary: Summary) -> None:
    for decision in decisions:
        if decision.item and decision.item.order.type is OrderType.UPDATE:
            # Older servers refuse an Update on approval while their hidden allocation is not OK.
            work.waldur.release_allocation(decision.item.resource.uuid)
    results = settlement.approve(work.waldur, [decision.uuid for decision in decisions])
    for decision in decisions:
        if error := results[decision.uuid]:
            summary.trouble(f"{decision.label}: could not be approved: {error}")
            summary.left.add(Hint(Kind.ORDER, decision.uuid))


def lost(work: Served, decisions: Sequence[Decision], reading: Reading) -> Summary:
    """Report orders that approval itself ended, as older servers do: they are not open any more."""
    summary = Summary()
    still_open = {item.order.uuid for item in reading.orders} | {order.uuid for order in reading.nameless}
    for decision in decisions:
        if decision.review.verdict is Verdict.ACCEPT and decision.uuid not in still_open:
            try:
                state = work.waldur.order(decision.uuid).state
            except WaldurError as error:
                log.warning("%s: could not be read after its approval: %s", decision.label, error)
                continue
            if state == "erred":
                summary.trouble(f"{decision.label}: Waldur set it erred when it was approved; see its text there")
    return summary
