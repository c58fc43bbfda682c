from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from waldur_agent.emulator.records import Order
from waldur_agent.emulator.scenario import OrderEntry, Scenario
from waldur_agent.emulator.server import EmulatorServer
from waldur_agent.emulator.state import State
from waldur_api_client import AuthenticatedClient
from waldur_api_client.api.marketplace_orders import (
    marketplace_orders_approve_by_provider,
    marketplace_orders_list,
    marketplace_orders_retrieve,
    marketplace_orders_set_backend_id,
    marketplace_orders_set_state_done,
)
from waldur_api_client.models import (
    OrderApproveByProviderRequest,
    OrderBackendIDRequest,
    OrderDetails,
    OrderState,
    RequestTypes,
)

Sessions = Callable[[str], Any]


def order_of(state: State, kind: str) -> Order:
    return next(order for order in state.orders.values() if order.type == kind)


def test_list_parses_and_leaves_no_field_unknown_to_the_public_model(client: AuthenticatedClient, agent: Any) -> None:
    orders = marketplace_orders_list.sync(client=client)
    assert [order.type_ for order in orders] == [RequestTypes.CREATE, RequestTypes.UPDATE, RequestTypes.TERMINATE]
    raw = agent.get("marketplace-orders/").json()
    assert [OrderDetails.from_dict(item).additional_properties for item in raw] == [{}, {}, {}]


def test_order_tells_all_that_an_account_is_made_from(client: AuthenticatedClient, state: State) -> None:
    wanted = order_of(state, "Create")
    order = marketplace_orders_retrieve.sync(UUID(wanted.uuid), client=client)
    assert order is not None
    assert (order.project_slug, order.customer_slug, order.customer_name) == ("ocean", "uni", "University")
    assert order.state is OrderState.PENDING_PROVIDER
    assert order.marketplace_resource_uuid == UUID(wanted.resource.uuid)
    assert order.resource_uuid is None, "the hidden allocation is another thing"
    assert order.limits.to_dict() == {"gres/gpu": 50}  # type: ignore[union-attr]
    assert order.attributes.to_dict() == {"name": "waves"}  # type: ignore[union-attr]
    assert order.created_by_username == "alice"


def test_update_order_holds_the_old_limits(agent: Any, state: State) -> None:
    item = agent.get(f"marketplace-orders/{order_of(state, 'Update').uuid}/").json()
    assert item["attributes"] == {"old_limits": {"gres/gpu": 100}}
    assert item["limits"] == {"gres/gpu": 250}


def test_create_order_is_approved_and_done(client: AuthenticatedClient, state: State) -> None:
    order = order_of(state, "Create")
    uuid = UUID(order.uuid)
    info = marketplace_orders_approve_by_provider.sync(uuid, client=client, body=OrderApproveByProviderRequest())
    assert info.detail == "Order has been approved."
    assert (order.state, order.resource.state) == ("executing", "Creating")
    assert order.provider_reviewed_by is state.agent
    answer = marketplace_orders_set_state_done.sync_detailed(uuid, client=client)
    assert (answer.status_code, answer.content) == (200, b"")
    assert (order.state, order.resource.state) == ("done", "OK")
    parsed = marketplace_orders_retrieve.sync(uuid, client=client)
    assert parsed is not None
    assert parsed.completed_at is not None


def test_order_backend_id_is_its_own(client: AuthenticatedClient, state: State) -> None:
    order = order_of(state, "Create")
    body = OrderBackendIDRequest(backend_id="TICKET-1")
    answer = marketplace_orders_set_backend_id.sync(UUID(order.uuid), client=client, body=body)
    assert answer is not None
    assert answer.status == "Order backend_id has been changed."
    assert (order.backend_id, order.resource.backend_id) == ("TICKET-1", "")


@pytest.mark.parametrize(
    ("action", "valid"),
    [
        ("set_state_done", "executing"),
        ("retry", "erred"),
    ],
)
def test_wrong_state_is_409_naming_the_right_ones(agent: Any, state: State, action: str, valid: str) -> None:
    answer = agent.post(f"marketplace-orders/{order_of(state, 'Create').uuid}/{action}/")
    assert answer.status_code == 409
    assert answer.json() == {"detail": f"Valid states for operation: {valid}."}


def test_approving_twice_is_409(agent: Any, state: State) -> None:
    path = f"marketplace-orders/{order_of(state, 'Create').uuid}/approve_by_provider/"
    assert [agent.post(path, json={}).status_code for _ in range(2)] == [200, 409]


def test_rejection_keeps_the_comment_and_answers_without_a_body(agent: Any, state: State) -> None:
    order = order_of(state, "Create")
    body = {"provider_rejection_comment": "no such partition"}
    answer = agent.post(f"marketplace-orders/{order.uuid}/reject_by_provider/", json=body)
    assert (answer.status_code, answer.content, answer.headers.get("Content-Type")) == (200, b"", None)
    assert (order.state, order.resource.state) == ("rejected", "Terminated")
    assert agent.get(f"marketplace-orders/{order.uuid}/").json()["provider_rejection_comment"] == "no such partition"


def test_failure_texts_are_kept(agent: Any, state: State) -> None:
    order = order_of(state, "Update")
    agent.post(f"marketplace-orders/{order.uuid}/set_state_executing/")
    texts = {"error_message": "no cluster", "error_traceback": "line 1"}
    assert agent.post(f"marketplace-orders/{order.uuid}/set_state_erred/", json=texts).status_code == 200
    item = agent.get(f"marketplace-orders/{order.uuid}/").json()
    assert (item["state"], item["error_message"], item["error_traceback"]) == ("erred", "no cluster", "line 1")
    assert order.resource.state == "Erred"


def test_offering_manager_lists_orders_but_may_not_approve(caller: Sessions, state: State) -> None:
    manager, order = caller("manager"), order_of(state, "Create")
    assert len(manager.get("marketplace-orders/").json()) == 3
    for action in ("approve_by_provider", "reject_by_provider", "set_state_done", "set_state_erred"):
        answer = manager.post(f"marketplace-orders/{order.uuid}/{action}/", json={})
        assert answer.status_code == 403
        assert answer.json() == {"detail": "You do not have permission to perform this action."}
    assert order.state == "pending-provider"


def test_customer_sees_the_own_orders_and_may_not_approve(caller: Sessions, state: State) -> None:
    alice = caller("alice")
    assert [item["project_name"] for item in alice.get("marketplace-orders/").json()] == ["Ocean", "Ocean"]
    path = f"marketplace-orders/{order_of(state, 'Create').uuid}/approve_by_provider/"
    assert alice.post(path, json={}).status_code == 403


def test_outsider_sees_nothing(caller: Sessions, state: State) -> None:
    outsider = caller("outsider")
    assert outsider.get("marketplace-orders/").json() == []
    answer = outsider.get(f"marketplace-orders/{order_of(state, 'Create').uuid}/")
    assert (answer.status_code, answer.json()) == (404, {"detail": "No Order matches the given query."})


def test_staff_may_do_everything(caller: Sessions, state: State) -> None:
    path = f"marketplace-orders/{order_of(state, 'Create').uuid}/approve_by_provider/"
    assert caller("staff").post(path, json={}).status_code == 200


@pytest.mark.parametrize(
    ("query", "types"),
    [
        ("state=pending-provider&state=executing", ["Create", "Update", "Terminate"]),
        ("state=done", []),
        ("type=Update&type=Terminate", ["Update", "Terminate"]),
        ("resource_name=wav", ["Create"]),
        ("query=GENOMICS", ["Terminate"]),
        ("created=2000-01-01T00:00:00Z", ["Create", "Update", "Terminate"]),
        ("created_before=2000-01-01", []),
        ("o=-created", ["Terminate", "Update", "Create"]),
    ],
)
def test_filters_and_sorting(agent: Any, query: str, types: list[str]) -> None:
    assert [item["type"] for item in agent.get(f"marketplace-orders/?{query}&field=type").json()] == types


def test_filters_by_uuid(agent: Any, state: State) -> None:
    order = order_of(state, "Terminate")
    for name, uuid in {
        "project_uuid": order.resource.project.uuid,
        "resource_uuid": order.resource.uuid,
    }.items():
        found = agent.get("marketplace-orders/", params={name: str(UUID(uuid))}).json()
        assert [item["uuid"] for item in found] == [order.uuid]
    assert agent.get("marketplace-orders/", params={"offering_uuid": UUID(int=7)}).json() == []


def test_customer_places_an_order_and_only_the_provider_may_start_it(caller: Sessions, state: State) -> None:
    alice, root = caller("alice"), caller("alice").url
    body = {
        "offering": f"{root}marketplace-public-offerings/{state.offering().uuid}/",
        "project": f"{root}projects/{state.project('Ocean').uuid}/",
        "attributes": {"name": "currents"},
        "limits": {"gres/gpu": 5},
    }
    placed = alice.post("marketplace-orders/", json=body)
    assert placed.status_code == 201
    assert OrderDetails.from_dict(placed.json()).state is OrderState.PENDING_PROVIDER
    assert state.resource("currents").state == "Creating"
    foreign = {**body, "project": f"{root}projects/{state.project('Genomics').uuid}/"}
    assert alice.post("marketplace-orders/", json=foreign).status_code == 400
    assert alice.post("marketplace-orders/", json={**body, "limits": {"nodes": 1}}).json() == {
        "limits": ["Invalid component types: nodes"]
    }


def test_resource_of_a_new_order_may_appear_only_with_the_approval(scenario: Scenario) -> None:
    scenario.server.marketplace_resource_uuid = "after_approval"
    with (
        EmulatorServer(scenario) as server,
        AuthenticatedClient(base_url=server.root, token=server.token, prefix="Token", verify_ssl=False) as client,
    ):
        uuid = UUID(order_of(server.state, "Create").uuid)
        before = marketplace_orders_retrieve.sync(uuid, client=client)
        assert before is not None
        assert not before.marketplace_resource_uuid
        body = OrderApproveByProviderRequest()
        marketplace_orders_approve_by_provider.sync(uuid, client=client, body=body)
        after = marketplace_orders_retrieve.sync(uuid, client=client)
        assert after is not None
        assert after.marketplace_resource_uuid == UUID(server.state.resource("waves").uuid)


def test_agents_request_is_noted_only_with_its_user_agent_and_an_offering(
    agent: Any, state: State, offering_uuid: str, caller: Sessions
) -> None:
    name = {"User-Agent": "waldur-site-agent-order-process/1.0"}
    agent.get("marketplace-orders/", headers=name)
    agent.get(f"marketplace-orders/?offering_uuid={offering_uuid}")
    caller("alice").get(f"marketplace-orders/?offering_uuid={offering_uuid}", headers=name)
    assert state.agent_seen == {}
    agent.get(f"marketplace-orders/?offering_uuid={offering_uuid}", headers=name)
    assert list(state.agent_seen) == [(offering_uuid, "Order processing")]


def test_fifty_threads_lose_no_order(scenario: Scenario, session_at: Callable[..., Any]) -> None:
    offering = scenario.offerings["Cluster"]
    offering.orders = [OrderEntry(resource=f"run-{number}", project="Ocean") for number in range(200)]
    with EmulatorServer(scenario) as server:
        uuids = list(server.state.orders)
        own = threading.local()

        def carry_out(uuid: str) -> list[int]:
            if not hasattr(own, "session"):
                own.session = session_at(server.url, server.token)
            path = f"marketplace-orders/{uuid}/"
            return [
                own.session.post(f"{path}approve_by_provider/", json={}).status_code,
                own.session.post(f"{path}approve_by_provider/", json={}).status_code,
                own.session.post(f"{path}set_state_done/").status_code,
            ]

        with ThreadPoolExecutor(50) as pool:
            statuses = list(pool.map(carry_out, uuids))
        assert statuses == [[200, 409, 200]] * 200
        assert {order.state for order in server.state.orders.values()} == {"done"}
        assert server.requests.count("POST") == 600
