"""What surprises about servers of 2024, beyond single recorded answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from waldur_agent.emulator.profiles import PROFILES
from waldur_agent.emulator.records import Order
from waldur_agent.emulator.rules.orders import order_update
from waldur_agent.emulator.scenario import Scenario
from waldur_agent.emulator.server import EmulatorServer


@pytest.fixture
def server(scenario: Scenario) -> Iterator[EmulatorServer]:
    with EmulatorServer(scenario, profile=PROFILES["2024"]) as running:
        yield running


def act(agent: Any, order: Order, action: str) -> int:
    answer = agent.post(f"marketplace-orders/{order.uuid}/{action}/", json={})
    assert answer.content == b""
    return int(answer.status_code)


def test_a_finished_order_leaves_an_allocation_that_refuses_the_next_update(
    server: EmulatorServer, agent: Any
) -> None:
    create = next(order for order in server.state.orders.values() if order.type == "Create")
    resource, alice = create.resource, server.state.user("alice")
    assert [act(agent, create, action) for action in ("approve_by_provider", "set_state_done")] == [200, 200]
    refused = order_update(server.state, resource, alice, {"gres/gpu": 51})
    assert act(agent, refused, "approve_by_provider") == 200
    assert (refused.state, resource.state, resource.limits) == ("erred", "OK", {"gres/gpu": 50})
    for limit in (52, 53):
        agent.post(f"marketplace-slurm-remote/{resource.uuid}/set_state/", json={"state": "ok"})
        update = order_update(server.state, resource, alice, {"gres/gpu": limit})
        assert [act(agent, update, action) for action in ("approve_by_provider", "set_state_done")] == [200, 200]
        assert (update.state, resource.limits) == ("done", {"gres/gpu": limit})


def test_the_server_writes_into_the_metadata_that_others_set(server: EmulatorServer, agent: Any) -> None:
    resource = server.state.resource("tides")
    path = f"marketplace-provider-resources/{resource.uuid}"
    agent.post(f"{path}/set_backend_metadata/", json={"backend_metadata": {"qos": "normal"}})
    agent.post(f"marketplace-slurm-remote/{resource.uuid}/set_state/", json={"state": "ok"})
    metadata = agent.get(f"{path}/").json()["backend_metadata"]
    assert (metadata["qos"], metadata["state"]) == ("normal", "OK")


def test_usage_is_of_now_whatever_date_is_given(server: EmulatorServer, agent: Any) -> None:
    resource = server.state.resource("tides")
    past = datetime(2020, 1, 1, tzinfo=UTC).isoformat()
    content = {"resource": resource.uuid, "date": past, "usages": [{"type": "gres/gpu", "amount": "7"}]}
    assert agent.post("marketplace-component-usages/set_usage/", json=content).status_code == 201
    (usage,) = server.state.usages_of(resource)
    assert usage.billing_period == server.state.now().date().replace(day=1)


def test_slugs_are_short_and_numbered_and_those_of_scopes_stand_only_in_orders(
    server: EmulatorServer, agent: Any
) -> None:
    assert server.state.new_slug("Climate Modelling") == "climate--1"
    (resource, *_) = agent.get("marketplace-provider-resources/").json()
    (order, *_) = agent.get("marketplace-orders/").json()
    slugs = {"slug", "project_slug", "customer_slug"}
    assert slugs & set(resource) == {"slug"}
    assert slugs & set(order) == {"project_slug", "customer_slug"}


def test_a_creation_that_failed_leaves_an_erred_resource(server: EmulatorServer, agent: Any) -> None:
    create = next(order for order in server.state.orders.values() if order.type == "Create")
    act(agent, create, "approve_by_provider")
    texts = {"error_message": "no", "error_traceback": ""}
    agent.post(f"marketplace-orders/{create.uuid}/set_state_erred/", json=texts)
    assert create.resource.state == "Erred"


def test_large_pages_are_given_whole(server: EmulatorServer, agent: Any) -> None:
    links = agent.get("marketplace-orders/?page_size=500").links
    assert "page_size=500" in links["last"]["url"]


@pytest.mark.parametrize("login", ["agent", "alice"])
def test_the_version_is_for_staff(caller: Callable[[str], Any], login: str) -> None:
    assert caller(login).get("version/").status_code == 403
    assert caller("staff").get("version/").status_code == 200
