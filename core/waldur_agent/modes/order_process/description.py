"""A plan for orders as plain data."""

from __future__ import annotations

from waldur_agent_hookspecs import Verdict

from waldur_agent.modes.described import Item, change_as_data
from waldur_agent.modes.order_process.intake import Decision
from waldur_agent.modes.order_process.reading import PENDING, OpenOrder
from waldur_agent.planning import OrderPlan

WORDS = {Verdict.ACCEPT: "approve", Verdict.REJECT: "reject", Verdict.WAIT: "hold"}


def planned(item: OpenOrder, plan: OrderPlan) -> Item:
    """An order that would be carried out."""
    return Item(
        label=item.label,
        account=_account(item),
        resource=item.resource.uuid,
        decision="fail" if plan.refusal else "approve and carry out" if item.state == PENDING else "carry out",
        text=plan.refusal or ("" if plan.changes else "the cluster is so already; Waldur is told"),
        held=False,
        changes=[change_as_data(change, item.account) for change in plan.changes],
    )


def undecided(decision: Decision) -> Item:
    """An order that would only be approved, or rejected, or held."""
    return Item(
        label=decision.label,
        account=_account(decision.item) if decision.item else "",
        resource=decision.item.resource.uuid if decision.item else "",
        decision=WORDS[decision.review.verdict],
        text=decision.review.text or "Waldur makes its resource on approval",
        held=decision.review.verdict is Verdict.WAIT,
        changes=[],
    )


def _account(item: OpenOrder) -> str:
    return (item.account.backend_id if item.account else "") or item.order.ref.backend_id or item.order.ref.slug
