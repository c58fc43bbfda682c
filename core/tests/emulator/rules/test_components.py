from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from waldur_agent.emulator.errors import ApiError
from waldur_agent.emulator.rules.components import create_component, remove_component, update_component
from waldur_agent.emulator.scenario import Scenario
from waldur_agent.emulator.seeding import seed
from waldur_agent.emulator.state import State

NEW = {"billing_type": "usage", "type": "mem", "name": "RAM"}


@pytest.fixture
def state(scenario: Scenario) -> State:
    return seed(scenario)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (
            {"name": "Broken"},
            {"billing_type": ["This field is required."], "type": ["This field is required."]},
        ),
        (NEW | {"billing_type": "bogus"}, {"billing_type": ['"bogus" is not a valid choice.']}),
        (NEW | {"limit_period": "daily"}, {"limit_period": ['"daily" is not a valid choice.']}),
        (
            NEW | {"measured_unit": "x" * 31},
            {"measured_unit": ["Ensure this field has no more than 30 characters."]},
        ),
        (NEW | {"unit_factor": 0}, {"unit_factor": ["A valid integer is required."]}),
        (NEW | {"limit_amount": "much"}, {"limit_amount": ["A valid number is required."]}),
        (NEW | {"type": "cpu"}, {"non_field_errors": ["The fields offering, type must make a unique set."]}),
    ],
)
def test_bad_components_are_refused(state: State, body: dict[str, Any], error: Any) -> None:
    with pytest.raises(ApiError) as refusal:
        create_component(state, state.offering(), body)
    assert (refusal.value.status, refusal.value.body) == (400, error)
    assert list(state.offering().components) == ["cpu", "gres/gpu", "seat"]


def test_component_is_created_with_what_was_said(state: State) -> None:
    create_component(state, state.offering(), NEW | {"limit_amount": "2.5", "limit_period": "", "is_boolean": True})
    component = state.offering().components["mem"]
    assert (component.limit_amount, component.limit_period) == (Decimal("2.5"), None)
    assert component.extra == {"is_boolean": True}


def test_change_keeps_what_is_not_said(state: State) -> None:
    component = state.offering().components["gres/gpu"]
    update_component(state, state.offering(), {"uuid": component.uuid, "limit_amount": 5})
    assert (component.limit_amount, component.limit_period, component.name) == (Decimal(5), "total", "gres/gpu")
    update_component(state, state.offering(), {"uuid": component.uuid, "limit_period": None})
    assert component.limit_period is None


def test_change_of_the_type_moves_the_component(state: State) -> None:
    component = state.offering().components["seat"]
    update_component(state, state.offering(), {"uuid": component.uuid, "type": "chair"})
    assert "seat" not in state.offering().components
    assert state.offering().components["chair"] is component


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        ({"type": "cpu"}, 400, "was not provided"),
        ({"uuid": "cpu"}, 400, "is not valid"),
        ({"uuid": "0" * 32}, 404, "No OfferingComponent matches"),
    ],
)
def test_the_body_must_name_the_component(state: State, body: dict[str, Any], status: int, text: str) -> None:
    with pytest.raises(ApiError, match=text) as refusal:
        update_component(state, state.offering(), body)
    assert refusal.value.status == status
    with pytest.raises(ApiError, match=text) as refusal:
        remove_component(state.offering(), body)
    assert refusal.value.status == status
