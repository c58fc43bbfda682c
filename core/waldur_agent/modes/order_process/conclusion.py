"""From the outcomes to what Waldur is told: accounts' ids first, then which orders are done and which failed."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from waldur_agent_hookspecs import AddMember, CreateAccount, Member, OrderType, Outcome, OutcomeStatus

from waldur_agent.modes.focus import Hint, Kind
from waldur_agent.modes.served import Served
from waldur_agent.modes.summary import Summary
from waldur_agent.planning import OrderPlan
from waldur_agent.waldur import gather

from . import settlement
from .reading import OpenOrder

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ended:
    """An order with its plan and what became of each change."""

    item: OpenOrder
    plan: OrderPlan
    outcomes: tuple[Outcome, ...]

    @property
    def obstacle(self) -> Outcome | None:
        """What keeps the order from being done. A member who could not be added does not."""
        return settlement.worst(outcome for outcome in self.outcomes if not isinstance(outcome.change, AddMember))

    @property
    def backend_id(self) -> str:
        """The account's id, where there is an account now."""
        made = [outcome.backend_id for outcome in self.outcomes if isinstance(outcome.change, CreateAccount)]
        account = self.item.account
        return next(filter(None, made), account.backend_id if account and account.exists else "")

    @property
    def account_text(self) -> str:
        """Which account serves the resource from now on, for the log."""
        kept = self.backend_id if self.item.order.type is not OrderType.TERMINATE else ""
        return f", account {kept}" if kept else ""

    @property
    def failure(self) -> str:
        """The text with which the order fails; empty where it does not."""
        obstacle = self.obstacle
        return self.plan.refusal or (obstacle.text if obstacle and obstacle.status is OutcomeStatus.FAILED else "")


def conclude(work: Served, ended: Sequence[Ended]) -> Summary:
    """Tell Waldur, and the listeners, what became of every order."""
    summary = Summary()
    untold = _tell_backend_ids(work, ended, summary)
    closing = [end for end in ended if end.item.order.uuid not in untold and (end.failure or not end.obstacle)]
    failed = {end.item.order.uuid: end.failure for end in closing if end.failure}
    done = [end.item.order.uuid for end in closing if not end.failure]
    results = settlement.finish(work.waldur, done, failed)
    for end in ended:
        uuid = end.item.order.uuid
        if uuid in untold:
            summary.left.add(Hint(Kind.ORDER, uuid))
        elif uuid not in results:
            summary.left.add(Hint(Kind.ORDER, uuid))
            _left(end, summary)
        elif error := results[uuid]:
            summary.left.add(Hint(Kind.ORDER, uuid))
            summary.trouble(f"{end.item.label}: Waldur could not be told that it ended: {error}")
        elif end.failure:
            summary.trouble(f"{end.item.label}: failed: {end.failure}")
        else:
            log.info("%s: done%s", end.item.label, end.account_text)
            summary.done += 1
    _after(work, [end for end in closing if end.item.order.uuid in done], summary)
    return summary


def _tell_backend_ids(work: Served, ended: Sequence[Ended], summary: Summary) -> set[str]:
    """Also for an order that fails: with an account behind it, its resource must stay visible. Gives the untold."""
    wanted = {
        end.item.resource.uuid: end.backend_id
        for end in ended
        if end.item.order.type is not OrderType.TERMINATE and end.backend_id not in {"", end.item.resource.backend_id}
    }
    results = settlement.tell_backend_ids(work.waldur, wanted)
    untold = set()
    for end in ended:
        if error := results.get(end.item.resource.uuid):
            summary.trouble(f"{end.item.label}: Waldur could not be told its account {end.backend_id}: {error}")
            untold.add(end.item.order.uuid)
    return untold


def _left(end: Ended, summary: Summary) -> None:
    obstacle = end.obstacle
    if obstacle is None:
        return
    if obstacle.status is OutcomeStatus.WAITING:
        log.info("%s: waits: %s", end.item.label, obstacle.text)
    else:
        summary.trouble(f"{end.item.label}: {obstacle.status}, left for the next cycle: {obstacle.text}")


def _after(work: Served, done: Sequence[Ended], summary: Summary) -> None:
    """What follows an order that is done; none of it can undo that."""
    changed = [end.item.resource.uuid for end in done if end.item.order.type is not OrderType.TERMINATE]
    # Without it, older servers refuse the resource's next Update.
    gather(work.waldur.release_allocation, changed)
    for end in done:
        if end.item.order.type is OrderType.CREATE:
            members = _report_members(end, summary)
            if not all(outcome.good for outcome in end.outcomes):
                summary.left.add(Hint(Kind.RESOURCE, end.item.resource.uuid))
            work.site.members_synced(end.item.order.ref, members)
        elif end.item.order.type is OrderType.UPDATE:
            # What events told of it meanwhile was passed over: a resource that is being updated is no live one.
            summary.left.add(Hint(Kind.RESOURCE, end.item.resource.uuid))


def _report_members(end: Ended, summary: Summary) -> list[Member]:
    members = [Member(name) for name in sorted(end.item.account.members)] if end.item.account else []
    for outcome in end.outcomes:
        if not isinstance(outcome.change, AddMember):
            continue
        name = outcome.change.member.username
        if outcome.good:
            members.append(outcome.change.member)
        elif outcome.status is OutcomeStatus.WAITING:
            log.warning("%s: %s is not added yet: %s", end.item.label, name, outcome.text)
        else:
            summary.trouble(f"{end.item.label}: {name} was not added: {outcome.text}")
    return members
