"""An offering's components: what a description of one must look like."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any, Final

from waldur_agent.emulator.errors import ApiError, detail, invalid, missing
from waldur_agent.emulator.identifiers import as_hex
from waldur_agent.emulator.records import Component, Offering
from waldur_agent.emulator.state import State

BILLING_TYPES: Final = ("fixed", "usage", "limit", "one", "few")
MAX_UNIT_LENGTH: Final = 30
_READ_ONLY: Final = ("uuid", "offering_uuid", "is_builtin", "factor")


def create_component(state: State, offering: Offering, body: dict[str, Any]) -> None:
    """Add a component.

    Raises:
        ApiError: 400 for a field that is missing or wrong, or a type that the offering has already.
    """
    required = [name for name in ("billing_type", "type", "name") if not body.get(name)]
    errors = {name: ["This field is required."] for name in required} | _errors(state, body)
    if errors:
        raise ApiError(400, errors)
    if body["type"] in offering.components:
        refusal = invalid(non_field_errors="The fields offering, type must make a unique set.")
        raise refusal if state.profile.checks_bodies else ApiError(500, None)
    component = Component(state.new_uuid("component"), body["type"], body["name"], body["billing_type"])
    _apply(component, body)
    offering.components[component.type] = component


def update_component(state: State, offering: Offering, body: dict[str, Any]) -> None:
    """Change the component whose UUID the body names; fields that are not in the body stay.

    Raises:
        ApiError: 400 without a UUID or for a wrong field, 404 for an unknown UUID.
    """
    component = _named(offering, body)
    errors = _errors(state, body)
    if errors:
        raise ApiError(400, errors)
    del offering.components[component.type]
    _apply(component, body)
    offering.components[component.type] = component


def remove_component(offering: Offering, body: dict[str, Any]) -> None:
    """Take a component away.

    Raises:
        ApiError: as for :func:`update_component`.
    """
    del offering.components[_named(offering, body).type]


def _named(offering: Offering, body: dict[str, Any]) -> Component:
    if not body.get("uuid"):
        raise ApiError(400, {"details": "UUID for offering component was not provided."})
    try:
        uuid = as_hex(str(body["uuid"]))
    except ValueError:
        raise detail(400, "UUID for offering component is not valid.") from None
    for component in offering.components.values():
        if component.uuid == uuid:
            return component
    raise missing("OfferingComponent")


def _errors(state: State, body: dict[str, Any]) -> dict[str, list[str]]:
    errors = {}
    if body.get("billing_type") and body["billing_type"] not in BILLING_TYPES:
        errors["billing_type"] = [f'"{body["billing_type"]}" is not a valid choice.']
    if body.get("limit_period") and body["limit_period"] not in state.profile.limit_periods:
        errors["limit_period"] = [f'"{body["limit_period"]}" is not a valid choice.']
    if len(str(body.get("measured_unit") or "")) > MAX_UNIT_LENGTH:
        errors["measured_unit"] = [f"Ensure this field has no more than {MAX_UNIT_LENGTH} characters."]
    if not _is_factor(body.get("unit_factor", 1)):
        errors["unit_factor"] = ["A valid integer is required."]
    if body.get("limit_amount") is not None and _amount(body["limit_amount"]) is None:
        errors["limit_amount"] = ["A valid number is required."]
    return errors


def _is_factor(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _amount(value: object) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _apply(component: Component, body: dict[str, Any]) -> None:
    own = ("type", "name", "billing_type", "measured_unit", "unit_factor")
    for field in own:
        setattr(component, field, body.get(field, getattr(component, field)))
    if "limit_period" in body:
        component.limit_period = body["limit_period"] or None
    if "limit_amount" in body:
        component.limit_amount = None if body["limit_amount"] is None else _amount(body["limit_amount"])
    skipped = {*own, "limit_period", "limit_amount", *_READ_ONLY}
    component.extra.update({key: value for key, value in body.items() if key not in skipped})
