"""``/api/marketplace-orders/``."""

from __future__ import annotations

from typing import get_args

import flask

from waldur_agent.emulator.call import (
    SortKeys,
    answer,
    answer_one,
    answer_page,
    body,
    current_call,
    nothing,
    status,
    visible,
)
from waldur_agent.emulator.errors import ApiError, forbidden, invalid
from waldur_agent.emulator.query import Filters
from waldur_agent.emulator.records import Offering, Order, Project
from waldur_agent.emulator.rules import orders as rules
from waldur_agent.emulator.scenario import OrderState, OrderType
from waldur_agent.emulator.shapes.orders import ORDER

from .addresses import uuid_in_url
from .agents import saw_agent

orders = flask.Blueprint("orders", __name__, url_prefix="/api/marketplace-orders")

_SORT: SortKeys[Order] = {
    "created": lambda order: order.created,
    "state": lambda order: order.state,
    "consumer_reviewed_at": lambda order: order.consumer_reviewed_at,
    "cost": lambda _: 0,
}


def _filters() -> Filters[Order]:
    filters: Filters[Order] = current_call().filters()
    filters.uuid("offering_uuid", lambda o: o.resource.offering.uuid)
    filters.uuid("project_uuid", lambda o: o.resource.project.uuid)
    filters.uuid("customer_uuid", lambda o: o.resource.project.customer.uuid)
    filters.uuid("provider_uuid", lambda o: o.resource.offering.customer.uuid)
    filters.uuid("resource_uuid", lambda o: o.resource.uuid)
    filters.choices("state", get_args(OrderState), lambda o: o.state)
    filters.choices("type", get_args(OrderType), lambda o: o.type)
    filters.between("created", lambda o: o.created)
    filters.between("modified", lambda o: o.modified)
    filters.contains("query", lambda o: (o.resource.name, o.resource.project.name, o.resource.offering.name))
    filters.contains("resource_name", lambda o: (o.resource.name,))
    return filters


@orders.get("/")
def list_orders() -> flask.Response:
    """The orders that the caller sees; an agent that asks for its offering's is being seen itself."""
    call = current_call()
    found = _filters().select(call.state.orders.values())
    saw_agent("Order processing")
    return answer_page(ORDER, [order for order in found if call.access.sees_order(order)], _SORT)


@orders.post("/")
def place_order() -> flask.Response:
    """A customer orders a resource."""
    call, content = current_call(), body()
    offering = _named_offering(content)
    project = _named_project(content)
    limits = _limits(content, offering)
    attributes = content.get("attributes") or {}
    name = str(attributes.get("name") or "resource")
    order = rules.order_resource(
        call.state, offering, project, call.user, name=name, limits=limits, attributes=attributes
    )
    return answer_one(ORDER, order, 201)


def _named_offering(content: dict[str, object]) -> Offering:
    call = current_call()
    for collection in ("marketplace-public-offerings", "marketplace-provider-offerings"):
        offering = call.state.offerings.get(uuid_in_url(content.get("offering"), collection))
        if offering is not None:
            return offering
    raise invalid(offering="Invalid hyperlink - Object does not exist.")


def _named_project(content: dict[str, object]) -> Project:
    call = current_call()
    project = call.state.projects.get(uuid_in_url(content.get("project"), "projects"))
    if project is None or not call.access.consumes(project):
        raise invalid(project="Invalid hyperlink - Object does not exist.")
    return project


def _limits(content: dict[str, object], offering: Offering) -> dict[str, int | float]:
    limits = content.get("limits") or {}
    if not isinstance(limits, dict) or not all(isinstance(value, int | float) for value in limits.values()):
        raise invalid(limits="A valid number is required.")
    unknown = sorted(set(limits) - set(offering.components))
    if unknown:
        raise invalid(limits=f"Invalid component types: {', '.join(unknown)}")
    return limits


@orders.get("/<hex:uuid>/")
def show_order(uuid: str) -> flask.Response:
    """One order."""
    return answer_one(ORDER, _order(uuid))


def _order(uuid: str) -> Order:
    call = current_call()
    return visible(call.state.orders, uuid, "Order", call.access.sees_order)


def _order_for(permission: str, uuid: str) -> Order:
    order = _order(uuid)
    current_call().access.require_at_provider(permission, order.resource.offering.customer)
    return order


@orders.post("/<hex:uuid>/approve_by_provider/")
def approve_order(uuid: str) -> flask.Response:
    """Take the order on."""
    call = current_call()
    rules.approve(call.state, _order_for("ORDER.APPROVE", uuid), call.user)
    return answer({"detail": "Order has been approved."}) if call.state.profile.tells_approval else nothing()


@orders.post("/<hex:uuid>/reject_by_provider/")
def reject_order(uuid: str) -> flask.Response:
    """Turn the order down."""
    call = current_call()
    order = _order_for("ORDER.REJECT", uuid)
    rules.reject(call.state, order, call.user, str(body().get("provider_rejection_comment", "")))
    return nothing()


@orders.post("/<hex:uuid>/cancel/")
def cancel_order(uuid: str) -> flask.Response:
    """The customer takes the order back."""
    call, order = current_call(), _order(uuid)
    if not call.access.consumes(order.resource.project):
        raise forbidden()
    rules.cancel(call.state, order)
    return nothing(202)


@orders.post("/<hex:uuid>/set_state_executing/")
def start_order(uuid: str) -> flask.Response:
    """The order is being carried out."""
    rules.start(current_call().state, _order_for("ORDER.APPROVE", uuid))
    return nothing()


@orders.post("/<hex:uuid>/set_state_done/")
def finish_order(uuid: str) -> flask.Response:
    """The order is carried out."""
    rules.finish(current_call().state, _order_for("ORDER.APPROVE", uuid))
    return nothing()


@orders.post("/<hex:uuid>/set_state_erred/")
def fail_order(uuid: str) -> flask.Response:
    """The order failed; a missing text is an empty one, or breaks a server that does not expect it."""
    order, content = _order_for("ORDER.APPROVE", uuid), body()
    if not {"error_message", "error_traceback"} <= set(content) and not current_call().state.profile.checks_bodies:
        raise ApiError(500, None)
    message, traceback = (str(content.get(key, "")) for key in ("error_message", "error_traceback"))
    rules.fail(current_call().state, order, message, traceback)
    return nothing()


@orders.post("/<hex:uuid>/retry/")
def retry_order(uuid: str) -> flask.Response:
    """Carry a failed order out once more."""
    rules.retry(current_call().state, _order_for("ORDER.APPROVE", uuid))
    return nothing()


@orders.post("/<hex:uuid>/set_backend_id/")
def set_order_backend_id(uuid: str) -> flask.Response:
    """The order's own id in a foreign system; it says nothing about the resource."""
    order, content = _order_for("ORDER.APPROVE", uuid), body()
    if not isinstance(content.get("backend_id"), str):
        raise invalid(backend_id="This field is required.")
    changed = order.backend_id != content["backend_id"]
    order.backend_id = content["backend_id"]
    return status("Order backend_id has been changed." if changed else "Order backend_id is not changed.")
