"""Offerings and their components as JSON, as their provider sees them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from waldur_agent.emulator.records import OFFERING_TYPE, Component, Offering

from .shape import CATEGORY_UUID, Shape, View, constant, moment, number

DISCONNECTED_AFTER: Final = timedelta(hours=1)

_EXTRA = {
    "description": "",
    "limit_decimal_places": 0,
    "article_code": "",
    "max_value": None,
    "min_value": None,
    "max_available_limit": None,
    "is_boolean": False,
    "default_limit": None,
    "is_prepaid": False,
}


def _extra(name: str, default: Any) -> Callable[[Component, View], Any]:
    return lambda component, _: component.extra.get(name, default)


COMPONENT: Shape[Component] = Shape(
    {
        "uuid": lambda c, _: c.uuid,
        "type": lambda c, _: c.type,
        "name": lambda c, _: c.name,
        "billing_type": lambda c, _: c.billing_type,
        "measured_unit": lambda c, _: c.measured_unit,
        "unit_factor": lambda c, _: c.unit_factor,
        "limit_period": lambda c, _: c.limit_period,
        "limit_amount": lambda c, _: number(c.limit_amount),
        "factor": constant(None),
        "is_builtin": constant(False),  # noqa: FBT003 - the field's value, not a switch
        **{name: _extra(name, default) for name, default in _EXTRA.items()},
    },
    name="component",
)


PLAN: Shape[Offering] = Shape(
    {
        "url": lambda o, v: v.url("marketplace-plans", o.plan_uuid),
        "uuid": lambda o, _: o.plan_uuid,
        "name": constant("Default"),
        "description": constant(""),
        "archived": constant(False),  # noqa: FBT003 - the field's value, not a switch
        "is_active": constant(True),  # noqa: FBT003 - as above
        "unit": constant("month"),
        "unit_price": constant("0.0000000000"),
        "max_amount": constant(None),
        "prices": lambda o, _: dict.fromkeys(o.components, 0),
        "future_prices": lambda o, _: dict.fromkeys(o.components),
        "quotas": lambda o, _: dict.fromkeys(o.components, 0),
    },
    name="plan",
)
"""Every offering has one."""


_Seen = tuple[str, datetime]

INTEGRATION_STATUS: Shape[_Seen] = Shape(
    {
        "agent_type": lambda seen, _: seen[0],
        "status": lambda seen, v: "Active" if v.state.now() - seen[1] < DISCONNECTED_AFTER else "Disconnected",
        "last_request_timestamp": lambda seen, _: moment(seen[1]),
    },
    name="integration status",
)


def integration_status(offering: Offering, view: View) -> list[dict[str, Any]]:
    """Which kinds of agent were seen for this offering, and whether within the last hour."""
    seen = view.state.agent_seen.items()
    return [INTEGRATION_STATUS.render((kind, at), view) for (uuid, kind), at in seen if uuid == offering.uuid]


OFFERING: Shape[Offering] = Shape(
    {
        "url": lambda o, v: v.url("marketplace-provider-offerings", o.uuid),
        "uuid": lambda o, _: o.uuid,
        "name": lambda o, _: o.name,
        "slug": lambda o, _: o.slug,
        "description": constant(""),
        "created": lambda o, _: moment(o.created),
        "type": constant(OFFERING_TYPE),
        "state": lambda o, _: o.state,
        "backend_id": lambda o, _: o.backend_id,
        "customer": lambda o, v: v.url("customers", o.customer.uuid),
        "customer_uuid": lambda o, _: o.customer.uuid,
        "customer_name": lambda o, _: o.customer.name,
        "category_uuid": constant(CATEGORY_UUID),
        "category_title": constant("HPC"),
        "components": lambda o, v: [COMPONENT.render(item, v) for item in o.components.values()],
        "plans": lambda o, v: [PLAN.render(o, v)],
        "plugin_options": lambda o, _: o.plugin_options,
        "secret_options": constant({}),
        "options": constant({"order": [], "options": {}}),
        "resource_options": constant({"order": [], "options": {}}),
        "attributes": constant({}),
        "partitions": constant([]),
        "shared": constant(True),  # noqa: FBT003 - as above
        "billable": constant(True),  # noqa: FBT003 - as above
        "backend_metadata": constant({}),
        "integration_status": integration_status,
    },
    name="offering",
)
