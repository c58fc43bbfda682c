from __future__ import annotations

import pytest
from waldur_agent.emulator.scenario import Scenario
from waldur_agent.emulator.seeding import seed
from waldur_agent.emulator.state import State


@pytest.fixture
def state(scenario: Scenario) -> State:
    return seed(scenario)


def test_objects_are_found_by_name(state: State) -> None:
    assert state.resource("tides").backend_id == "hpc_tides"
    assert state.project("Ocean").slug == "ocean"
    assert state.offering("Cluster") is state.offering()
    with pytest.raises(KeyError):
        state.resource("nope")


def test_slugs_are_unique() -> None:
    state = State()
    assert [state.new_slug(name) for name in ("Ocean 1", "ocean-1", "Ocean 1", "é!")] == [
        "ocean-1",
        "ocean-1-2",
        "ocean-1-3",
        "e",
    ]


def test_uuids_are_unique_and_stable() -> None:
    one, other = State(), State()
    uuids = [one.new_uuid("order") for _ in range(3)]
    assert len(set(uuids)) == 3
    assert uuids == [other.new_uuid("order") for _ in range(3)]


def test_dropped_role_is_gone_for_the_user_and_the_team(state: State) -> None:
    project, user = state.project("Ocean"), state.user("bob")
    state.drop_role(next(role for role in state.team_of(project) if role.user is user))
    assert [role.user.username for role in state.team_of(project)] == ["alice"]
    assert state.roles_of(user) == []
