from __future__ import annotations

from datetime import UTC, datetime

import pytest
from waldur_agent.emulator.access import Access
from waldur_agent.emulator.errors import ApiError
from waldur_agent.emulator.scenario import Scenario
from waldur_agent.emulator.seeding import seed
from waldur_agent.emulator.state import State


@pytest.fixture
def state(scenario: Scenario) -> State:
    return seed(scenario)


@pytest.mark.parametrize(
    ("login", "provides", "consumes"),
    [
        ("staff", True, True),
        ("agent", True, False),
        ("manager", True, False),
        ("olga", False, True),
        ("alice", False, True),
        ("carol", False, False),
        ("outsider", False, False),
    ],
)
def test_sides_follow_from_roles(state: State, login: str, provides: bool, consumes: bool) -> None:
    access = Access(state, state.user(login))
    assert access.provides(state.offering()) is provides
    assert access.consumes(state.project("Ocean")) is consumes


@pytest.mark.parametrize(
    ("login", "permission", "allowed"),
    [
        ("agent", "ORDER.APPROVE", True),
        ("manager", "ORDER.APPROVE", False),
        ("manager", "RESOURCE.SET_USAGE", True),
        ("manager", "OFFERING.UPDATE_USER", False),
        ("alice", "RESOURCE.SET_USAGE", False),
        ("staff", "ORDER.APPROVE", True),
    ],
)
def test_roles_allow_what_they_were_seen_to_allow(state: State, login: str, permission: str, allowed: bool) -> None:
    offering = state.offering()
    access = Access(state, state.user(login))
    assert access.may(permission, offering, offering.customer) is allowed


def test_permission_in_the_offering_is_none_at_the_provider(state: State) -> None:
    access, offering = Access(state, state.user("manager")), state.offering()
    access.require("RESOURCE.SET_USAGE", offering)
    with pytest.raises(ApiError, match="403"):
        access.require_at_provider("RESOURCE.SET_USAGE", offering.customer)


def test_expired_roles_allow_nothing(state: State) -> None:
    user = state.user("agent")
    state.roles_of(user)[0].expiration_time = datetime(2001, 1, 1, tzinfo=UTC)
    assert Access(state, user).provides(state.offering()) is False


def test_staff_alone_passes_the_staff_gate(state: State) -> None:
    Access(state, state.user("staff")).require_staff()
    with pytest.raises(ApiError, match="403"):
        Access(state, state.user("agent")).require_staff()
