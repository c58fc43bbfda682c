"""What an offering's components in Waldur should be, compared with what they are. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from waldur_agent_hookspecs import Component, ComponentRule


class ComponentAction(StrEnum):
    """What is to become of one component."""

    CREATE = "create"
    UPDATE = "update"
    KEEP = "keep"  # it is as configured, or it is none of ours


@dataclass(frozen=True, slots=True)
class ComponentPlan:
    """The plan for one component.

    Attributes:
        wanted: Waldur's fields as the configuration has them; only what it says, so that nothing else is overwritten.
        before: Those that differ, as Waldur has them.
        note: Why nothing is done, or what is left as it is.
    """

    type: str
    action: ComponentAction
    wanted: Mapping[str, Any] = field(default_factory=dict)
    before: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""


def plan_components(
    configured: Mapping[str, Component],
    rules: Mapping[str, ComponentRule],
    present: Mapping[str, Mapping[str, Any]],
) -> list[ComponentPlan]:
    """The plan for every component of either side, the configured ones first and in their order.

    Args:
        configured: ``backend_components``.
        rules: Those of them that the backend serves.
        present: The fields of each component in Waldur, by type.
    """
    plans = [
        _plan(component, rules[kind], present.get(kind))
        if kind in rules
        else ComponentPlan(kind, ComponentAction.KEEP, note="the backend does not serve it; ignored")
        for kind, component in configured.items()
    ]
    return plans + [
        ComponentPlan(kind, ComponentAction.KEEP, note="not in backend_components; left as it is")
        for kind in present
        if kind not in configured
    ]


def _plan(component: Component, rule: ComponentRule, present: Mapping[str, Any] | None) -> ComponentPlan:
    wanted = wanted_fields(component, rule)
    if present is None:
        return ComponentPlan(component.type, ComponentAction.CREATE, wanted)
    # A server that does not tell a field does not have it: what cannot be seen cannot differ.
    before = {key: present[key] for key, value in wanted.items() if key in present and not _same(value, present[key])}
    action = ComponentAction.UPDATE if before else ComponentAction.KEEP
    sent = {key: value for key, value in wanted.items() if key in present or key != "unit_factor"}
    return ComponentPlan(component.type, action, sent, before, _left(wanted, present))


def wanted_fields(component: Component, rule: ComponentRule) -> dict[str, Any]:
    """A configured component in Waldur's terms. ``limit_amount`` is in Waldur's units as ``limit`` is."""
    fields: dict[str, Any] = {
        "type": component.type,
        # The server strips texts; an unstripped one would differ for ever.
        "name": component.label.strip(),
        "billing_type": component.accounting_type,
        "measured_unit": component.measured_unit.strip(),
    }
    # Only for people to read over there, and a whole number: the agent's own factor stays what counts.
    if rule.factor >= 1 and rule.factor == rule.factor.to_integral_value():
        fields["unit_factor"] = int(rule.factor)
    if component.limit is not None:
        fields["limit_amount"] = component.limit
    return fields


def _left(wanted: Mapping[str, Any], present: Mapping[str, Any]) -> str:
    amount = present.get("limit_amount")
    if amount is None or "limit_amount" in wanted:
        return ""
    return f"limit_amount {amount} stays: the configuration has no limit"


def _same(wanted: object, present: object) -> bool:
    """Numbers may come as texts, and an empty text as null."""
    if isinstance(wanted, int | Decimal):
        try:
            return present is not None and Decimal(str(present)) == wanted
        except InvalidOperation:
            return False
    return wanted == ("" if present is None else str(present).strip())
