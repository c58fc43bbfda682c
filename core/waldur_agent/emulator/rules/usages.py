"""Reported usage: one record per resource, component and month, overwritten by each report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final

from waldur_agent.emulator.errors import ApiError, invalid
from waldur_agent.emulator.records import Component, ComponentUsage, OfferingUser, Resource, UserUsage
from waldur_agent.emulator.state import State

REPORTABLE_STATES: Final = ("OK", "Updating", "Terminating")
REPORTABLE_BILLING: Final = ("usage", "limit")
BACKFILL: Final = (
    "Service providers can only specify date for limit-based or prepaid billing components "
    "when backfilling past billing periods"
)

FUTURE: Final = "Cannot submit usage for future dates."


@dataclass(frozen=True, slots=True)
class Amount:
    """One component of a report, in Waldur's units."""

    type: str
    amount: Decimal
    description: str = ""


def month_of(moment: datetime) -> date:
    """The billing period of a moment: the first day of its month in UTC."""
    return moment.astimezone(UTC).date().replace(day=1)


def report_usage(
    state: State, resource: Resource, amounts: list[Amount], *, at: datetime | None, staff: bool
) -> None:
    """Write a resource's usage: all of it or, where anything is wrong, nothing.

    Raises:
        ApiError: 400 as Waldur words it.
    """
    if resource.state not in REPORTABLE_STATES:
        raise invalid(resource="Resource is not in valid state.")
    components = _components(resource, amounts)
    moment = at or state.now()
    period = month_of(moment)
    _require_reportable(state, moment, components, staff=staff)
    for component, amount in zip(components, amounts, strict=True):
        _require_within_limit(state, resource, component, period, amount.amount)
    for component, amount in zip(components, amounts, strict=True):
        _write(state, resource, component, amount, moment)


def _require_reportable(state: State, moment: datetime, components: list[Component], *, staff: bool) -> None:
    if moment > state.now():
        raise invalid(date=FUTURE)
    past = month_of(moment) < month_of(state.now())
    if past and not staff and any(component.billing_type != "limit" for component in components):
        raise invalid(date=BACKFILL)


def _components(resource: Resource, amounts: list[Amount]) -> list[Component]:
    known = resource.offering.components
    wrong = [
        item.type
        for item in amounts
        if item.type not in known or known[item.type].billing_type not in REPORTABLE_BILLING
    ]
    if wrong:
        raise invalid(non_field_errors=f"These components are invalid: {', '.join(sorted(set(wrong)))}.")
    return [known[item.type] for item in amounts]


def _require_within_limit(
    state: State, resource: Resource, component: Component, period: date, amount: Decimal
) -> None:
    if component.limit_period is None or component.limit_amount is None:
        return
    others = sum(
        usage.usage
        for usage in state.usages_of(resource)
        if usage.component is component
        and usage.billing_period != period
        and _same_period(component.limit_period, usage.billing_period, period)
    )
    if others + amount > component.limit_amount:
        text = f"Total amount exceeds limit. Total amount: {others + amount:.2f}, limit: {component.limit_amount:f}."
        raise ApiError(400, [text])


def _same_period(limit_period: str, one: date, other: date) -> bool:
    if limit_period == "annual":
        return one.year == other.year
    if limit_period == "quarterly":
        return (one.year, (one.month - 1) // 3) == (other.year, (other.month - 1) // 3)
    return limit_period == "total"


def _write(state: State, resource: Resource, component: Component, amount: Amount, moment: datetime) -> None:
    period = month_of(moment)
    value = amount.amount.quantize(Decimal("0.01"))
    for usage in state.usages_of(resource):
        if usage.component is component and usage.billing_period == period:
            usage.usage, usage.date, usage.description = value, moment, amount.description
            usage.recurring = False
            return
    state.add_usage(
        ComponentUsage(
            uuid=state.new_uuid("component usage"),
            resource=resource,
            component=component,
            billing_period=period,
            usage=value,
            date=moment,
            created=state.now(),
            description=amount.description,
        )
    )


def record_of_month(state: State, usage: ComponentUsage, at: datetime | None, *, staff: bool) -> ComponentUsage:
    """The record that a person's part belongs to: that of the month of ``at``, made where there is none.

    Raises:
        ApiError: 400 as Waldur words it.
    """
    if at is None:
        return usage
    _require_reportable(state, at, [usage.component], staff=staff)
    if month_of(at) == usage.billing_period:
        return usage
    for other in state.usages_of(usage.resource):
        if other.component is usage.component and other.billing_period == month_of(at):
            return other
    _write(state, usage.resource, usage.component, Amount(usage.component.type, Decimal(0)), at)
    return state.usages_of(usage.resource)[-1]


def report_user_usage(
    state: State, usage: ComponentUsage, username: str, amount: Decimal, account: OfferingUser | None
) -> None:
    """Write what one local account used: a second report for the same name replaces the first."""
    value = amount.quantize(Decimal("0.01"))
    for record in state.user_usages_of(usage):
        if record.username == username:
            record.usage, record.modified = value, state.now()
            record.offering_user = account or record.offering_user
            return
    now = state.now()
    state.add_user_usage(
        UserUsage(
            uuid=state.new_uuid("user usage"),
            component_usage=usage,
            username=username,
            usage=value,
            created=now,
            modified=now,
            offering_user=account,
        )
    )


def current_usages(state: State, resource: Resource) -> dict[str, str]:
    """What the resource used of each component in the running month."""
    period = month_of(state.now())
    records = state.usages_of(resource)
    return {usage.component.type: str(usage.usage) for usage in records if usage.billing_period == period}
