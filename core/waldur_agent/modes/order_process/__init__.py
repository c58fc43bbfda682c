"""``order_process``: open orders become accounts, limits and deletions, and Waldur is told.

One way for the data: read both sides, review, plan, apply, conclude. ``preview`` goes the same way up to the plan
and has no effect anywhere.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from waldur_agent_hookspecs import Change, NotReady, Outcome, Preview, Verdict

from waldur_agent.modes.described import Described, described
from waldur_agent.modes.progress import Progress, silent
from waldur_agent.modes.served import Served
from waldur_agent.modes.summary import Summary
from waldur_agent.planning import OrderPlan, Release, Unknown, plan_order
from waldur_agent.site import PluginBug, Site

from . import description, intake
from .conclusion import Ended, conclude
from .intake import Decision
from .membership import read_members
from .reading import PENDING, OpenOrder, label, read

__all__ = ["Plan", "describe", "preview", "require", "run"]

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Plan:
    """What a pass would do.

    Attributes:
        orders: Each order that would be carried out, with its changes.
        waiting: What approval or Waldur itself still has to decide.
        preview: Commands and jobs at risk.
        troubles: What could not be read.
    """

    orders: list[tuple[OpenOrder, OrderPlan]] = field(default_factory=list)
    waiting: list[Decision] = field(default_factory=list)
    preview: Preview = field(default_factory=Preview)
    troubles: list[str] = field(default_factory=list)


def require(site: Site) -> None:
    """Refuse a backend that cannot carry orders out.

    Raises:
        SiteError: naming what is missing.
    """
    if not site.can("apply_changes"):
        site.require(("create_account", "set_limits", "delete_account"), "order_process")


def preview(work: Served) -> Plan:
    """What ``run`` would do now, without doing any of it.

    Raises:
        WaldurError, NotReady, PluginBug: something that all orders need could not be read.
    """
    reading = read(work)
    decisions = {decision.uuid: decision for decision in intake.decide(work, reading)}
    orders = [item for item in reading.orders if item.state != PENDING or _accepted(decisions[item.order.uuid])]
    plan = Plan(_plans(work, orders, naming=False), troubles=reading.troubles)
    plan.waiting = [decision for decision in decisions.values() if not (decision.item and _accepted(decision))]
    try:
        plan.preview = work.site.preview_changes([change for _, part in plan.orders for change in part.changes])
    except (NotReady, PluginBug) as error:
        plan.troubles.append(str(error))
    return plan


def describe(work: Served, release: Release | None = None) -> Described:
    """The same as plain data. Orders remove nobody, so that there is nothing to release."""
    del release
    plan = preview(work)
    items = [description.planned(item, part) for item, part in plan.orders]
    return described(items + [description.undecided(it) for it in plan.waiting], plan.preview, plan.troubles)


def run(work: Served, progress: Progress = silent, release: Release | None = None) -> Summary:
    """Carry out all open orders of one offering.

    Raises:
        WaldurError, NotReady, PluginBug: nothing was changed that the next pass would not find.
    """
    del release
    summary = Summary()
    reading = read(work)
    if decisions := intake.decide(work, reading):
        summary.add(intake.take_in(work, decisions))
        # Approval changes states, makes resources, and on older servers may end an order.
        reading = read(work, reading)
        summary.add(intake.lost(work, decisions, reading))
    for text in reading.troubles:
        summary.trouble(text)
    summary.left |= reading.left
    summary.unseen |= reading.unseen
    for order in reading.nameless:
        log.info("%s: Waldur has not made its resource yet; left for the next cycle.", label(order))
    if work.stop.is_set():
        summary.trouble(f"{work.offering.name}: stopped before the orders were carried out; the next start goes on")
        return summary
    plans = _plans(work, [item for item in reading.orders if item.state != PENDING], naming=True)
    with progress(sum(len(plan.changes) for _, plan in plans), f"{work.offering.name}: applying") as ended:
        outcomes = work.site.apply([change for _, plan in plans for change in plan.changes], ended)
    summary.add(conclude(work, _ended(plans, outcomes)))
    return summary


def _accepted(decision: Decision) -> bool:
    return decision.review.verdict is Verdict.ACCEPT


def _plans(work: Served, orders: Sequence[OpenOrder], *, naming: bool) -> list[tuple[OpenOrder, OrderPlan]]:
    members = read_members(work, orders, naming=naming)
    unasked = Unknown("not asked for")
    return [
        (item, plan_order(item.order, item.account, members.get(item.resource.uuid, unasked), item.previous))
        for item in orders
    ]


def _ended(plans: Sequence[tuple[OpenOrder, OrderPlan]], outcomes: Sequence[Outcome]) -> list[Ended]:
    by_change: dict[int, Outcome] = {id(outcome.change): outcome for outcome in outcomes}

    def of(changes: Sequence[Change]) -> tuple[Outcome, ...]:
        return tuple(by_change[id(change)] for change in changes)

    return [Ended(item, plan, of(plan.changes)) for item, plan in plans]
