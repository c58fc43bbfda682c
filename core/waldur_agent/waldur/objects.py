"""Waldur's objects as far as the agent uses them, whatever the server's version.

A key that a server leaves out is an empty value here only where that is harmless; where it is not, the attribute
says so.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from .errors import Unavailable

log = logging.getLogger(__name__)

MOST = Decimal(10) ** 15
"""No limit is as large: beyond, factors and roundings would lose digits, or fail."""


@dataclass(frozen=True, slots=True)
class Scope:
    """A project or a customer: UUID, slug (empty where the server does not tell it) and name."""

    uuid: str
    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class Order:
    """``type`` and ``state`` are the server's words; there may be ones that the agent does not know."""

    uuid: str
    type: str
    state: str
    resource_uuid: str  # of the marketplace resource; empty until the server made one
    resource_name: str
    limits: Mapping[str, Decimal]
    old_limits: Mapping[str, Decimal]
    attributes: Mapping[str, Any]
    project: Scope
    customer: Scope
    created: str  # ISO 8601 in UTC, so that it sorts as text; empty where the server does not tell
    offering_uuid: str = ""  # empty where the server does not tell


@dataclass(frozen=True, slots=True)
class Resource:
    """``state`` is capitalised: Creating, OK, Erred, Updating, Terminating, Terminated."""

    uuid: str
    name: str
    slug: str
    state: str
    backend_id: str
    limits: Mapping[str, Decimal]
    project: Scope
    customer: Scope
    paused: bool = False
    downscaled: bool = False
    restrict_member_access: bool = False
    backend_metadata: Mapping[str, Any] = field(default_factory=dict)
    offering_uuid: str = ""  # empty where the server does not tell


@dataclass(frozen=True, slots=True)
class Offering:
    """``plugin_options`` holds the policies, among them how accounts and users are named.

    ``billing`` is component type to billing type (fixed, usage, limit, one, few); None where a server does not tell.
    """

    uuid: str
    name: str
    state: str
    plugin_options: Mapping[str, Any]
    customer_name: str = ""
    billing: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class OfferingUser:
    """One person's local account in one offering. ``state`` is empty on servers without that state machine."""

    uuid: str
    user_uuid: str
    username: str
    full_name: str
    is_restricted: bool
    state: str
    login: str = ""
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True)
class UserLimit:
    """What one person may use of one resource: by UUIDs of the resource and of the *offering user*."""

    resource_uuid: str
    offering_user_uuid: str
    component: str
    amount: Decimal


def hex_uuid(value: Any) -> str:
    """A UUID in the server's own form, 32 hex characters; empty for null, absent or malformed."""
    try:
        return UUID(str(value)).hex
    except ValueError:
        return ""


def _text(item: Mapping[str, Any], key: str) -> str:
    value = item.get(key)
    return value.strip() if isinstance(value, str) else ""


def _scope(item: Mapping[str, Any], kind: str) -> Scope:
    return Scope(hex_uuid(item.get(f"{kind}_uuid")), _text(item, f"{kind}_slug"), _text(item, f"{kind}_name"))


def amounts(value: Any) -> dict[str, Decimal]:
    """Component type to amount; nulls are left out, numbers may come as strings."""
    if not isinstance(value, Mapping):
        return {}
    result = {}
    for component, amount in value.items():
        if amount is None or isinstance(amount, bool):
            continue
        try:
            number = Decimal(str(amount))
        except InvalidOperation as error:
            raise Unavailable(f"the limit of {component!r} is no number: {amount!r}") from error
        if not number.is_finite() or abs(number) >= MOST:
            raise Unavailable(f"the limit of {component!r} is no amount: {amount!r}")
        result[str(component)] = number
    return result


def number(amount: Decimal) -> int | float:
    """An amount as Waldur takes it: whole where it is whole."""
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def writable(value: Any) -> Any:
    """What was read from JSON, as JSON can be written again: fractions were read as Decimal."""
    if isinstance(value, Mapping):
        return {key: writable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [writable(item) for item in value]
    return number(value) if isinstance(value, Decimal) else value


def uuid_of(item: Mapping[str, Any], what: str) -> str:
    """The object's own UUID, without which it cannot be used."""
    uuid = hex_uuid(item.get("uuid"))
    if not uuid:
        raise Unavailable(f"{what} without a UUID: {item.get('uuid')!r}")
    return uuid


def order(item: Mapping[str, Any]) -> Order:
    """Read an order from its JSON form."""
    attributes = item.get("attributes")
    attributes = attributes if isinstance(attributes, Mapping) else {}
    return Order(
        uuid=uuid_of(item, "an order"),
        type=_text(item, "type"),
        state=_text(item, "state"),
        # `resource_uuid` of an order is the hidden allocation of older servers, not this.
        resource_uuid=hex_uuid(item.get("marketplace_resource_uuid")),
        resource_name=_text(item, "resource_name") or str(attributes.get("name", "")),
        limits=amounts(item.get("limits")),
        # Of a Create, attributes are whatever the customer wrote.
        old_limits=amounts(attributes.get("old_limits")) if item.get("type") != "Create" else {},
        attributes=attributes,
        project=_scope(item, "project"),
        customer=_scope(item, "customer"),
        created=_text(item, "created"),
        offering_uuid=hex_uuid(item.get("offering_uuid")),
    )


def resource(item: Mapping[str, Any]) -> Resource:
    """Read a resource from its JSON form."""
    metadata = item.get("backend_metadata")
    return Resource(
        uuid=uuid_of(item, "a resource"),
        name=_text(item, "name"),
        slug=_text(item, "slug"),
        state=_text(item, "state"),
        backend_id=_text(item, "backend_id"),
        limits=amounts(item.get("limits")),
        project=_scope(item, "project"),
        customer=_scope(item, "customer"),
        paused=item.get("paused") is True,
        downscaled=item.get("downscaled") is True,
        restrict_member_access=item.get("restrict_member_access") is True,
        backend_metadata=writable(metadata) if isinstance(metadata, Mapping) else {},
        offering_uuid=hex_uuid(item.get("offering_uuid")),
    )


def offering(item: Mapping[str, Any]) -> Offering:
    """Read an offering from its JSON form."""
    options = item.get("plugin_options")
    return Offering(
        uuid=uuid_of(item, "an offering"),
        name=_text(item, "name"),
        state=_text(item, "state"),
        plugin_options=options if isinstance(options, Mapping) else {},
        customer_name=_text(item, "customer_name"),
        billing=_billing(item.get("components")),
    )


def _billing(components: Any) -> dict[str, str] | None:
    if not isinstance(components, list):
        return None
    return {str(it.get("type")): str(it.get("billing_type", "")) for it in components if isinstance(it, Mapping)}


def offering_user(item: Mapping[str, Any]) -> OfferingUser:
    """Read an offering user from its JSON form. A null and a blank local name are both "none"."""
    return OfferingUser(
        uuid=uuid_of(item, "an offering user"),
        user_uuid=hex_uuid(item.get("user_uuid")),
        username=_text(item, "username"),
        full_name=_text(item, "user_full_name"),
        is_restricted=item.get("is_restricted") is True,
        state=_text(item, "state"),
        login=_text(item, "user_username"),
        # Servers differ in which personal fields they tell; newer ones also tell those that the user exposes.
        first_name=_text(item, "user_first_name"),
        last_name=_text(item, "user_last_name"),
        email=_text(item, "user_email"),
        comment=_text(item, "service_provider_comment"),
    )


def user_limit(item: Mapping[str, Any]) -> UserLimit | None:
    """Read a person's limit from its JSON form; None where it limits nothing. Both objects come as URLs."""
    component = _text(item, "component_type")
    found = amounts({component: item.get("limit")})
    if not component or component not in found:
        return None
    return UserLimit(last_part(item.get("resource")), last_part(item.get("user")), component, found[component])


def last_part(url: Any) -> str:
    """The UUID that a URL ends with; empty where it has none."""
    return hex_uuid(str(url).rstrip("/").rpartition("/")[2])
