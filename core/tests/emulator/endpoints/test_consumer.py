from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from waldur_agent.emulator.server import EmulatorServer
from waldur_agent.emulator.state import State
from waldur_api_client import AuthenticatedClient
from waldur_api_client.api.marketplace_resources import (
    marketplace_resources_list,
    marketplace_resources_retrieve,
    marketplace_resources_team_list,
    marketplace_resources_terminate,
    marketplace_resources_update_limits,
)
from waldur_api_client.models import (
    ResourceTerminateRequest,
    ResourceUpdateLimitsRequest,
    ResourceUpdateLimitsRequestLimits,
)

Sessions = Callable[[str], Any]


def customer(server: EmulatorServer) -> AuthenticatedClient:
    return AuthenticatedClient(base_url=server.root, token=server.token_of("carol"), prefix="Token", verify_ssl=False)


def test_customer_sees_the_resources_of_the_own_projects(server: EmulatorServer, state: State) -> None:
    with customer(server) as client:
        assert [resource.name for resource in marketplace_resources_list.sync(client=client)] == ["atlas"]
        uuid = UUID(state.resource("atlas").uuid)
        resource = marketplace_resources_retrieve.sync(uuid, client=client)
        assert resource is not None
        assert resource.backend_id == "hpc_atlas"
        assert [member.username for member in marketplace_resources_team_list.sync(uuid, client=client)] == ["carol"]


def test_orders_are_placed_by_the_customer_and_by_nobody_else(server: EmulatorServer, caller: Sessions) -> None:
    state = server.state
    atlas = state.resource("atlas")
    for order in state.orders_of(atlas):
        order.state = "canceled"
    path = f"marketplace-resources/{atlas.uuid}/terminate/"
    assert caller("alice").post(path, json={}).status_code == 404
    assert caller("manager").post(path, json={}).status_code == 403
    with customer(server) as client:
        body = ResourceUpdateLimitsRequest(limits=ResourceUpdateLimitsRequestLimits.from_dict({"gres/gpu": 5}))
        placed = marketplace_resources_update_limits.sync(UUID(atlas.uuid), client=client, body=body)
        assert placed is not None
        order = state.orders[placed.order_uuid.hex]
        assert (order.type, order.state, order.limits) == ("Update", "pending-provider", {"gres/gpu": 5})
        order.state = "done"
        ended = marketplace_resources_terminate.sync(UUID(atlas.uuid), client=client, body=ResourceTerminateRequest())
        assert ended is not None
        assert state.orders[ended.order_uuid.hex].type == "Terminate"


def test_second_order_while_one_is_open_is_409(caller: Sessions, state: State) -> None:
    path = f"marketplace-resources/{state.resource('tides').uuid}/update_limits/"
    assert caller("alice").post(path, json={"limits": {"gres/gpu": 1}}).status_code == 409


def test_limits_must_be_of_known_components(caller: Sessions, state: State) -> None:
    path = f"marketplace-resources/{state.resource('tides').uuid}/update_limits/"
    assert caller("alice").post(path, json={"limits": {"nodes": 1}}).json() == {
        "limits": ["Invalid component types: nodes"]
    }
    assert caller("alice").post(path, json={}).json() == {"limits": ["This field is required."]}
