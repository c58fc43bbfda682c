from __future__ import annotations

from typing import Any

import pytest
from waldur_agent.emulator.events.changes import AccountChanged, OrderChanged, ResourceChanged, RoleChanged
from waldur_agent.emulator.events.payloads import Event, events_of
from waldur_agent.emulator.state import State


def only(state: State, change: Any) -> Event:
    [event] = events_of(state, change)
    return event


def test_an_order_as_three_servers_tell_it(state: State) -> None:
    order = next(iter(state.orders.values()))
    event = only(state, OrderChanged(order))
    assert event.bare == {"order_uuid": order.uuid}
    assert set(event.plain) == {"order_uuid", "order_state", "offering_uuid"}
    assert set(event.full) - set(event.plain) == {
        *("object_type", "order_type", "resource_uuid", "resource_backend_id", "resource_name"),
        *("project_uuid", "project_name", "attributes", "limits", "plan_uuid"),
    }
    assert (event.full["object_type"], event.full["order_state"]) == ("order", "pending-provider")


@pytest.mark.parametrize("state_of_order", ["pending-consumer", "executing", "done", "erred"])
def test_the_oldest_server_told_only_of_orders_that_wait_for_the_provider(state: State, state_of_order: str) -> None:
    order = next(iter(state.orders.values()))
    order.state = state_of_order
    event = only(state, OrderChanged(order))
    assert (event.bare, event.plain["order_state"]) == (None, state_of_order)


def test_events_about_a_resource_are_numbered(state: State) -> None:
    tides = state.resource("tides")
    tides.paused = True
    first, second = (only(state, ResourceChanged(tides)) for _ in range(2))
    assert first.plain == {
        "resource_uuid": tides.uuid,
        "resource_backend_id": "hpc_tides",
        "paused": True,
        "downscaled": False,
        "restrict_member_access": False,
        "sequence_number": 1,
    }
    assert second.plain["sequence_number"] == 2
    assert (first.bare or {})["limits"] == {"gres/gpu": 100}


def test_a_role_is_told_once_for_each_offering_with_a_living_resource(state: State) -> None:
    project = state.project("Ocean")
    role = state.team_of(project)[0]
    event = only(state, RoleChanged(role, project, granted=False))
    assert event.plain["granted"] is False
    assert set(event.plain) - set(event.bare or {}) == {"user_email", "user_full_name"}
    state.resource("tides").state = "Erred"
    assert only(state, RoleChanged(role, project, granted=True)).bare is None, "then only of those that are OK"
    for resource in state.resources_of(project):
        resource.state = "Terminated"
    assert list(events_of(state, RoleChanged(role, project, granted=True))) == []


def test_a_name_that_is_set_comes_with_the_state_as_a_number(state: State) -> None:
    account = state.account(state.offering(), state.user("alice"))
    assert account is not None
    told, named = events_of(state, AccountChanged(account, "update", ("username",)))
    assert (told.plain["action"], told.plain["state"]) == ("update", "OK")
    assert told.plain["changed_fields"] == ["username"]
    assert (named.plain["action"], named.plain["state"]) == ("username_set", 5)
    assert named.plain["resource_backend_ids"] == ["hpc_tides"]
    assert told.bare is None
    assert only(state, AccountChanged(account, "delete")).plain["action"] == "delete"
