"""A plan as plain data: what ``plan --json`` prints, and what its table is made of."""

from __future__ import annotations

from typing import Any

from waldur_agent_hookspecs import (
    AccountState,
    AddMember,
    Change,
    CreateAccount,
    DeleteAccount,
    Limits,
    RemoveMember,
    SetLimits,
    SetMemberLimits,
    SetStatus,
    Verdict,
)

from waldur_agent.modes.order_process import Plan
from waldur_agent.modes.order_process.intake import Decision
from waldur_agent.modes.order_process.reading import PENDING, OpenOrder
from waldur_agent.planning import OrderPlan


def plan_as_data(plan: Plan) -> dict[str, Any]:
    """Orders with their changes, the commands behind them, and what could not be read."""
    return {
        "orders": [_order(item, part) for item, part in plan.orders]
        + [_waiting(decision) for decision in plan.waiting],
        "commands": list(plan.preview.commands),
        "jobs_at_risk": dict(plan.preview.jobs_at_risk),
        "troubles": plan.troubles,
    }


def _order(item: OpenOrder, plan: OrderPlan) -> dict[str, Any]:
    return {
        "uuid": item.order.uuid,
        "label": item.label,
        "type": str(item.order.type),
        "state": item.state,
        "resource": item.resource.uuid,
        "account": _account(item),
        "decision": "fail" if plan.refusal else "approve and carry out" if item.state == PENDING else "carry out",
        "text": plan.refusal or ("" if plan.changes else "the cluster is so already; Waldur is told"),
        "changes": [_change(change, item.account) for change in plan.changes],
    }


def _account(item: OpenOrder) -> str:
    return (item.account.backend_id if item.account else "") or item.order.ref.backend_id or item.order.ref.slug


def _waiting(decision: Decision) -> dict[str, Any]:
    words = {Verdict.ACCEPT: "approve", Verdict.REJECT: "reject", Verdict.WAIT: "hold"}
    return {
        "uuid": decision.uuid,
        "label": decision.label,
        "type": str(decision.item.order.type) if decision.item else "",
        "state": PENDING,
        "resource": decision.item.resource.uuid if decision.item else "",
        "account": _account(decision.item) if decision.item else "",
        "decision": words[decision.review.verdict],
        "text": decision.review.text or "Waldur makes its resource on approval",
        "changes": [],
    }


def _change(change: Change, state: AccountState | None) -> dict[str, str]:
    before, after = _ends(change, state)
    return {"kind": change.kind, "before": before, "after": after, "reason": change.reason}


def _ends(change: Change, state: AccountState | None) -> tuple[str, str]:
    ends = {CreateAccount.kind: ("absent", "present"), DeleteAccount.kind: ("present", "absent")}.get(
        change.kind, ("", "")
    )
    match change:
        case AddMember():
            ends = "", change.member.username
        case RemoveMember():
            ends = change.member.username, ""
        case SetStatus():
            ends = str(change.previous or ""), str(change.status)
        case SetLimits():
            present = state.limits if state else {}
            before = {name: present[name] for name in change.limits.wanted if name in present}
            ends = limits_text(before) or "none", limits_text(change.limits.wanted)
        case SetMemberLimits():
            ends = "", f"{change.member.username}: {limits_text(change.limits.wanted)}"
    return ends


def limits_text(limits: Limits) -> str:
    """``cpu=60000 mem=61440``, in backend units and without exponents."""
    return " ".join(f"{name}={amount:f}" for name, amount in sorted(limits.items()))
