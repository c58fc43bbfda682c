from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from waldur_agent.planning.limits import differing, round_to, to_backend, wanted_limits
from waldur_agent_hookspecs import Component, ComponentRule


def component(name: str, accounting: str, factor: str = "1", limit: str | None = None) -> Component:
    return Component(name, accounting, Decimal(factor), "", name, Decimal(limit) if limit else None)


COMPONENTS = {
    "cpu": component("cpu", "usage", "60000", "2"),
    "mem": component("mem", "usage", "61440"),
    "gres/gpu": component("gres/gpu", "limit", "60"),
    "node": component("node", "limit"),
}
RULES = {name: ComponentRule(item.unit_factor) for name, item in COMPONENTS.items()}


def test_limit_components_come_from_the_order_and_usage_caps_from_the_configuration() -> None:
    ordered = {"gres/gpu": Decimal(5), "cpu": Decimal(99), "storage": Decimal(7)}
    assert wanted_limits(ordered, COMPONENTS, RULES) == {"cpu": 120000, "gres/gpu": 300}


def test_zero_is_a_limit_and_absence_is_none() -> None:
    assert wanted_limits({"node": Decimal(0)}, COMPONENTS, RULES) == {"cpu": 120000, "node": 0}


def test_what_the_backend_does_not_serve_is_left_out() -> None:
    rules = {"deposit": ComponentRule(Decimal(1))}
    assert wanted_limits({"gres/gpu": Decimal(5)}, COMPONENTS, rules) == {}


@pytest.mark.parametrize(
    ("amount", "step", "rounded"),
    [("5.9", "1", "6"), ("0.5", "1", "1"), ("-0.5", "1", "-1"), ("7", "5", "5"), ("7.126", "0.01", "7.13")],
)
def test_rounding_is_to_the_step_with_halves_away_from_zero(amount: str, step: str, rounded: str) -> None:
    assert round_to(Decimal(amount), Decimal(step)) == Decimal(rounded)


def test_the_factor_is_exact() -> None:
    assert to_backend({"x": Decimal("0.1")}, {"x": ComponentRule(Decimal("0.3"), Decimal("0.01"))}) == {
        "x": Decimal("0.03")
    }


@given(st.decimals(min_value=0, max_value=10**9, places=2), st.sampled_from(["1", "60", "60000", "61440", "0.25"]))
def test_rounding_once_is_stable(amount: Decimal, factor: str) -> None:
    rules = {"x": ComponentRule(Decimal(factor))}
    once = to_backend({"x": amount}, rules)
    assert {"x": round_to(once["x"], rules["x"].step)} == once
    assert abs(once["x"] - amount * Decimal(factor)) <= Decimal("0.5")


def test_only_what_differs_differs() -> None:
    wanted = {"cpu": Decimal(1), "mem": Decimal(0)}
    assert differing(wanted, {"cpu": Decimal("1.0"), "node": Decimal(4)}) == {"mem": 0}
