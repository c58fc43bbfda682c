from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from waldur_agent.planning import ComponentAction, plan_components
from waldur_agent_hookspecs import Component, ComponentRule

CPU = Component("cpu", "usage", Decimal(60000), "k-Hours", "CPU")
RULES = {"cpu": ComponentRule(Decimal(60000))}
PRESENT = {"type": "cpu", "name": "CPU", "billing_type": "usage", "measured_unit": "k-Hours", "limit_amount": None}


def planned(
    component: Component = CPU, present: dict[str, Any] | None = None, factor: str = "60000"
) -> tuple[ComponentAction, dict[str, Any]]:
    rules = {component.type: ComponentRule(Decimal(factor))}
    (plan,) = plan_components(
        {component.type: component}, rules, {} if present is None else {component.type: present}
    )
    return plan.action, dict(plan.wanted if present is None else plan.before)


def test_one_that_is_absent_is_created_with_what_the_configuration_says() -> None:
    assert planned() == (
        ComponentAction.CREATE,
        {"type": "cpu", "name": "CPU", "billing_type": "usage", "measured_unit": "k-Hours", "unit_factor": 60000},
    )


@pytest.mark.parametrize("factor", ["0.5", "1.5"])
def test_a_factor_that_is_no_whole_number_is_not_told(factor: str) -> None:
    assert "unit_factor" not in planned(factor=factor)[1]


@pytest.mark.parametrize(
    "present",
    [
        PRESENT,
        {**PRESENT, "unit_factor": 60000},
        {**PRESENT, "limit_amount": 5, "limit_period": "month"},
        {**PRESENT, "name": " CPU "},
        {"name": "CPU"},
    ],
)
def test_what_is_so_already_is_left_alone(present: dict[str, Any]) -> None:
    assert planned(present=present) == (ComponentAction.KEEP, {})


@pytest.mark.parametrize(
    "different", [{"name": "Cores"}, {"measured_unit": ""}, {"measured_unit": None}, {"billing_type": "limit"}]
)
def test_what_differs_is_changed(different: dict[str, Any]) -> None:
    assert planned(present=PRESENT | different) == (ComponentAction.UPDATE, different)


@pytest.mark.parametrize(("amount", "same"), [("10.00", True), (10, True), (None, False), ("9", False), ("x", False)])
def test_amounts_are_compared_as_numbers(amount: object, same: bool) -> None:
    capped = Component("cpu", "usage", Decimal(60000), "k-Hours", "CPU", limit=Decimal(10))
    action, _ = planned(capped, PRESENT | {"limit_amount": amount})
    assert action is (ComponentAction.KEEP if same else ComponentAction.UPDATE)


def test_a_field_that_the_server_does_not_have_is_not_sent() -> None:
    (plan,) = plan_components({"cpu": CPU}, RULES, {"cpu": PRESENT | {"name": "Cores"}})
    assert "unit_factor" not in plan.wanted


def test_what_the_backend_does_not_serve_and_what_is_not_configured_is_left_alone() -> None:
    deposit = Component("deposit", "limit", Decimal(1), "EUR", "Deposit")
    plans = plan_components({"deposit": deposit, "cpu": CPU}, RULES, {"cpu": PRESENT, "seat": {"type": "seat"}})
    assert [(plan.type, plan.action, plan.note) for plan in plans] == [
        ("deposit", ComponentAction.KEEP, "the backend does not serve it; ignored"),
        ("cpu", ComponentAction.KEEP, ""),
        ("seat", ComponentAction.KEEP, "not in backend_components; left as it is"),
    ]
