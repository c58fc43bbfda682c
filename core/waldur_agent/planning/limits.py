"""From Waldur's amounts to the backend's: the one place where ``unit_factor`` is applied and amounts are rounded."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from waldur_agent_hookspecs import Component, ComponentRule, Limits


def to_backend(amounts: Mapping[str, Decimal], rules: Mapping[str, ComponentRule]) -> dict[str, Decimal]:
    """Waldur units to backend units, rounded once to the backend's step; what has no rule is left out."""
    return {
        component: round_to(amount * rules[component].factor, rules[component].step)
        for component, amount in sorted(amounts.items())
        if component in rules
    }


def round_to(amount: Decimal, step: Decimal) -> Decimal:
    """The nearest multiple of ``step``, halves away from zero."""
    return (amount / step).quantize(Decimal(1), rounding=ROUND_HALF_UP) * step


def wanted_limits(
    ordered: Mapping[str, Decimal], components: Mapping[str, Component], rules: Mapping[str, ComponentRule]
) -> dict[str, Decimal]:
    """The limits of an account in backend units.

    Limit components have the ordered amount, usage components the fixed cap of the configuration, if any. What an
    order says of other components (billed otherwise, or not served here) is none of the backend's business.
    """
    amounts = {}
    for name, component in components.items():
        if component.accounting_type == "limit" and name in ordered:
            amounts[name] = ordered[name]
        elif component.accounting_type == "usage" and component.limit is not None:
            amounts[name] = component.limit
    return to_backend(amounts, rules)


def differing(wanted: Limits, present: Limits) -> dict[str, Decimal]:
    """The part of ``wanted`` that does not hold now."""
    return {name: amount for name, amount in wanted.items() if present.get(name) != amount}


def to_report(
    told: Mapping[str, Decimal],
    present: Limits,
    components: Mapping[str, Component],
    rules: Mapping[str, ComponentRule],
) -> dict[str, Decimal]:
    """The limits of an account, in Waldur units, where they differ from what Waldur has by more than rounding.

    Only limit components count: the caps of usage components are the configuration's. An amount that the backend
    cannot hold exactly is equal to what it was rounded to, so that nothing bounces between the two sides.
    """
    held = to_backend(told, rules)
    return {
        name: (amount / rules[name].factor).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
        for name, amount in present.items()
        if name in rules and name in components and components[name].accounting_type == "limit"
        if held.get(name) != amount
    }
