"""``/api/marketplace-component-usages/``, the usage of persons, and the limits of persons."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import flask

from waldur_agent.emulator.call import (
    SortKeys,
    answer_one,
    answer_page,
    body,
    careless,
    current_call,
    nothing,
    visible,
)
from waldur_agent.emulator.errors import ApiError, invalid
from waldur_agent.emulator.identifiers import as_hex
from waldur_agent.emulator.query import Filters
from waldur_agent.emulator.records import ComponentUsage, OfferingUser, Resource, UserLimit, UserUsage
from waldur_agent.emulator.rules import usages as rules
from waldur_agent.emulator.shapes.usages import COMPONENT_USAGE, USER_LIMIT, USER_USAGE

from .addresses import uuid_in_url

usages = flask.Blueprint("usages", __name__, url_prefix="/api")

_Part = tuple[str, Decimal, OfferingUser | None, datetime | None]

DIGITS = 20
PLACES = 2
_SORT: SortKeys[ComponentUsage] = {
    "billing_period": lambda usage: usage.billing_period,
    "usage": lambda usage: usage.usage,
}
_USER_SORT: SortKeys[UserUsage] = {"username": lambda usage: usage.username, "usage": lambda usage: usage.usage}


@usages.get("/marketplace-component-usages/")
def list_usages() -> flask.Response:
    """What resources used, by month."""
    call = current_call()
    filters: Filters[ComponentUsage] = call.filters()
    filters.uuid("resource_uuid", lambda u: u.resource.uuid)
    filters.uuid("offering_uuid", lambda u: u.resource.offering.uuid)
    filters.uuid("project_uuid", lambda u: u.resource.project.uuid)
    filters.uuid("customer_uuid", lambda u: u.resource.project.customer.uuid)
    filters.text("type", lambda u: u.component.type)
    filters.day("billing_period", lambda u, day: u.billing_period == day)
    filters.number("billing_period_year", lambda u: u.billing_period.year)
    filters.number("billing_period_month", lambda u: u.billing_period.month)
    filters.day("date_after", lambda u, day: u.date.date() >= day)
    filters.day("date_before", lambda u, day: u.date.date() <= day)
    found = filters.select(call.state.usages.values())
    return answer_page(COMPONENT_USAGE, [u for u in found if call.access.sees_resource(u.resource)], _SORT)


@usages.get("/marketplace-component-usages/<hex:uuid>/")
def show_usage(uuid: str) -> flask.Response:
    """One record."""
    return answer_one(COMPONENT_USAGE, _usage(uuid))


@usages.post("/marketplace-component-usages/set_usage/")
def set_usage() -> flask.Response:
    """Write what a resource used in a month: whole or not at all."""
    call, content = current_call(), body()
    amounts = [rules.Amount(*item) for item in _each(content, _amount_of)]
    resource = _reported_resource(content)
    call.access.require("RESOURCE.SET_USAGE", resource.offering)
    at = _moment(content)
    rules.report_usage(call.state, resource, amounts, at=at, staff=call.user.is_staff)
    return nothing(201)


@usages.post("/marketplace-component-usages/<hex:uuid>/set_user_usage/")
def set_user_usage(uuid: str) -> flask.Response:
    """Write what one local account used."""
    _report_parts(_usage(uuid, "RESOURCE.SET_USAGE"), [_user_amount_of(body())])
    return nothing(201)


@usages.post("/marketplace-component-usages/<hex:uuid>/set_user_usages/")
def set_user_usages(uuid: str) -> flask.Response:
    """Write what many local accounts used: all or none."""
    _report_parts(_usage(uuid, "RESOURCE.SET_USAGE"), _each(body(), _user_amount_of))
    return nothing(201)


def _report_parts(usage: ComponentUsage, parts: list[_Part]) -> None:
    """Find all records before anything is written."""
    call = current_call()
    records = [rules.record_of_month(call.state, usage, at, staff=call.user.is_staff) for *_, at in parts]
    for record, (name, amount, account, _) in zip(records, parts, strict=True):
        rules.report_user_usage(call.state, record, name, amount, account)


@usages.get("/marketplace-component-user-usages/")
def list_user_usages() -> flask.Response:
    """What local accounts used, by month."""
    call = current_call()
    filters: Filters[UserUsage] = call.filters()
    filters.uuid("resource_uuid", lambda u: u.component_usage.resource.uuid)
    filters.uuid("offering_uuid", lambda u: u.component_usage.resource.offering.uuid)
    filters.uuid("project_uuid", lambda u: u.component_usage.resource.project.uuid)
    filters.uuid("customer_uuid", lambda u: u.component_usage.resource.project.customer.uuid)
    filters.text("type", lambda u: u.component_usage.component.type)
    filters.text("username", lambda u: u.username)
    filters.day("component_usage_billing_period", lambda u, day: u.component_usage.billing_period == day)
    filters.number("billing_period_year", lambda u: u.component_usage.billing_period.year)
    filters.number("billing_period_month", lambda u: u.component_usage.billing_period.month)
    found = filters.select(call.state.user_usages.values())
    seen = [u for u in found if call.access.sees_resource(u.component_usage.resource)]
    return answer_page(USER_USAGE, seen, _USER_SORT)


@usages.get("/component-user-usage-limits/")
def list_user_limits() -> flask.Response:
    """How much persons may use."""
    call = current_call()
    filters: Filters[UserLimit] = call.filters()
    filters.uuid("resource_uuid", lambda x: x.resource.uuid)
    filters.uuid("offering_uuid", lambda x: x.resource.offering.uuid)
    filters.text("component_type", lambda x: x.component.type)
    filters.text("username", lambda x: x.offering_user.username)
    found = filters.select(call.state.user_limits.values())
    return answer_page(USER_LIMIT, [x for x in found if call.access.sees_resource(x.resource)])


def _usage(uuid: str, permission: str = "") -> ComponentUsage:
    access = current_call().access
    table = current_call().state.usages
    usage = visible(table, uuid, "ComponentUsage", lambda u: access.sees_resource(u.resource))
    if permission:
        access.require(permission, usage.resource.offering)
    return usage


def _reported_resource(content: dict[str, Any]) -> Resource:
    if not content.get("resource"):
        raise invalid(non_field_errors="Either plan_period or resource should be provided.")
    try:
        uuid = as_hex(str(content["resource"]))
    except ValueError:
        raise invalid(resource="Must be a valid UUID.") from None
    resource = current_call().state.resources.get(uuid)
    if resource is None:
        raise invalid(resource=f"Object with uuid={uuid} does not exist.")
    return resource


def _moment(content: dict[str, Any]) -> datetime | None:
    if content.get("date") is None or not current_call().state.profile.dated_usage:
        return None
    try:
        moment = datetime.fromisoformat(str(content["date"]))
    except ValueError:
        raise invalid(date="Datetime has wrong format.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _each(content: dict[str, Any], read: Any) -> list[Any]:
    """Read every item of ``usages``; the errors stand in the places of their items.

    Raises:
        ApiError: 400 where any of them is wrong.
    """
    items = content.get("usages")
    if not isinstance(items, list):
        raise invalid(usages="This field is required.")
    results: list[Any] = []
    errors: list[dict[str, Any]] = []
    for item in items:
        try:
            results.append(read(item if isinstance(item, dict) else {}))
            errors.append({})
        except ApiError as error:
            errors.append(error.body)
    if any(errors):
        raise ApiError(400, {"usages": errors})
    return results


def _amount_of(item: dict[str, Any]) -> tuple[str, Decimal, str]:
    if not isinstance(item.get("type"), str):
        raise invalid(type="This field is required.")
    return item["type"], _decimal(item, "amount"), str(item.get("description") or "")


def _user_amount_of(item: dict[str, Any]) -> _Part:
    for name in ("username", "usage"):
        if item.get(name) in (None, ""):
            raise careless(invalid(**{name: "This field is required."}))
    return str(item["username"]), _decimal(item, "usage"), _offering_user(item), _moment(item)


def _offering_user(item: dict[str, Any]) -> OfferingUser | None:
    if "user" not in item:
        return None
    if item["user"] is None:
        raise invalid(user="This field may not be null.")
    uuid = uuid_in_url(item["user"], "marketplace-offering-users")
    if not uuid:
        raise invalid(user="Invalid hyperlink - No URL match.")
    account = current_call().state.offering_users.get(uuid)
    if account is None:
        raise invalid(user="Invalid hyperlink - Object does not exist.")
    return account


def _decimal(item: dict[str, Any], name: str) -> Decimal:
    if item.get(name) is None:
        raise invalid(**{name: "This field is required."})
    try:
        value = Decimal(str(item[name]))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise invalid(**{name: "A valid number is required."})
    exponent = int(value.as_tuple().exponent)
    if -exponent > PLACES:
        raise invalid(**{name: f"Ensure that there are no more than {PLACES} decimal places."})
    if len(value.as_tuple().digits) + max(exponent, 0) > DIGITS:
        raise invalid(**{name: f"Ensure that there are no more than {DIGITS} digits in total."})
    return value
