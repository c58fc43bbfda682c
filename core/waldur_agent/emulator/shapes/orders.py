"""Orders as JSON."""

from __future__ import annotations

from typing import Any

from waldur_agent.emulator.records import OFFERING_TYPE, Order
from waldur_agent.emulator.rules.orders import WAITING

from .shape import ABSENT, CATEGORY_UUID, Shape, View, constant, moment


def _offering_url(order: Order, view: View) -> str:
    return view.url("marketplace-public-offerings", order.resource.offering.uuid)


def _plan_url(order: Order, view: View) -> str | None:
    if order.type == "Terminate":
        return None
    return f"{_offering_url(order, view)}plans/{order.resource.offering.plan_uuid}/"


def _plan_uuid(order: Order, _view: View) -> str | None:
    return None if order.type == "Terminate" else order.resource.offering.plan_uuid


def _resource_uuid(order: Order, view: View) -> Any:
    """The resource's UUID, or nothing yet where the scenario has the server make it on approval."""
    late = view.state.options.marketplace_resource_uuid == "after_approval"
    return ABSENT if late and order.type == "Create" and order.state in WAITING else order.resource.uuid


ORDER: Shape[Order] = Shape(
    {
        "url": lambda o, v: v.url("marketplace-orders", o.uuid),
        "uuid": lambda o, _: o.uuid,
        "slug": lambda o, _: f"order-{o.uuid[:8]}",
        "type": lambda o, _: o.type,
        "state": lambda o, _: o.state,
        "created": lambda o, _: moment(o.created),
        "modified": lambda o, _: moment(o.modified),
        "completed_at": lambda o, _: moment(o.completed_at),
        "start_date": constant(None),
        "attributes": lambda o, _: o.attributes,
        "limits": lambda o, _: o.limits,
        "offering": _offering_url,
        "offering_uuid": lambda o, _: o.resource.offering.uuid,
        "offering_name": lambda o, _: o.resource.offering.name,
        "offering_description": constant(""),
        "offering_image": constant(None),
        "offering_thumbnail": constant(None),
        "offering_type": constant(OFFERING_TYPE),
        "offering_shared": constant(True),  # noqa: FBT003 - the field's value, not a switch
        "offering_billable": constant(True),  # noqa: FBT003 - as above
        "offering_plugin_options": lambda o, _: o.resource.offering.plugin_options,
        "provider_uuid": lambda o, _: o.resource.offering.customer.uuid,
        "provider_name": lambda o, _: o.resource.offering.customer.name,
        "provider_slug": lambda o, _: o.resource.offering.customer.slug,
        "category_uuid": constant(CATEGORY_UUID),
        "category_title": constant("HPC"),
        "category_icon": constant(None),
        "plan": _plan_url,
        "plan_uuid": _plan_uuid,
        "plan_name": lambda o, v: _plan_uuid(o, v) and "Default",
        "plan_unit": lambda o, v: _plan_uuid(o, v) and "month",
        "plan_description": lambda o, v: None if _plan_uuid(o, v) is None else "",
        "new_plan_uuid": _plan_uuid,
        "new_plan_name": lambda o, v: _plan_uuid(o, v) and "Default",
        "old_plan_uuid": constant(None),
        "old_plan_name": constant(None),
        # The allocation behind the resource, which newer servers do not have.
        "resource_uuid": constant(None),
        "resource_type": constant(None),
        "resource_name": lambda o, _: o.resource.name,
        "marketplace_resource_uuid": _resource_uuid,
        "cost": constant("0.0000000000"),
        "old_cost_estimate": constant(0.0),
        "new_cost_estimate": constant("0.0000000000"),
        "fixed_price": constant(0),
        "activation_price": constant(0),
        "project_uuid": lambda o, _: o.resource.project.uuid,
        "project_name": lambda o, _: o.resource.project.name,
        "project_slug": lambda o, _: o.resource.project.slug,
        "project_description": lambda o, _: o.resource.project.description,
        "customer_uuid": lambda o, _: o.resource.project.customer.uuid,
        "customer_name": lambda o, _: o.resource.project.customer.name,
        "customer_slug": lambda o, _: o.resource.project.customer.slug,
        "created_by_username": lambda o, _: o.created_by.username,
        "created_by_full_name": lambda o, _: o.created_by.full_name,
        "created_by_civil_number": constant(None),
        "consumer_reviewed_by": lambda o, _: o.consumer_reviewed_by and o.consumer_reviewed_by.username,
        "consumer_reviewed_by_username": lambda o, _: o.consumer_reviewed_by and o.consumer_reviewed_by.username,
        "consumer_reviewed_by_full_name": lambda o, _: o.consumer_reviewed_by and o.consumer_reviewed_by.full_name,
        "consumer_reviewed_at": lambda o, _: moment(o.consumer_reviewed_at),
        "provider_reviewed_by": lambda o, _: o.provider_reviewed_by and o.provider_reviewed_by.username,
        "provider_reviewed_by_username": lambda o, _: o.provider_reviewed_by and o.provider_reviewed_by.username,
        "provider_reviewed_by_full_name": lambda o, _: o.provider_reviewed_by and o.provider_reviewed_by.full_name,
        "provider_reviewed_at": lambda o, _: moment(o.provider_reviewed_at),
        "provider_rejection_comment": lambda o, _: o.provider_rejection_comment,
        "error_message": lambda o, _: o.error_message,
        "error_traceback": lambda o, _: o.error_traceback,
        "backend_id": lambda o, _: o.backend_id,
        "output": constant(""),
        "callback_url": constant(None),
        "request_comment": constant(None),
        "termination_comment": constant(None),
        "can_terminate": constant(False),  # noqa: FBT003 - as above
        "issue": constant(None),
    },
    name="order",
)
