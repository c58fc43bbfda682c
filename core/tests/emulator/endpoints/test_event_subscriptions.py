from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from waldur_agent.emulator.scenario import Scenario
from waldur_agent.emulator.server import EmulatorServer
from waldur_agent.emulator.state import State
from waldur_api_client import AuthenticatedClient
from waldur_api_client.api.event_subscriptions import (
    event_subscriptions_create,
    event_subscriptions_create_queue,
    event_subscriptions_destroy,
    event_subscriptions_list,
    event_subscriptions_retrieve,
)
from waldur_api_client.models import (
    EventSubscription,
    EventSubscriptionObservableObjectRequest,
    EventSubscriptionQueue,
    EventSubscriptionQueueCreateRequest,
    EventSubscriptionRequest,
    ObservableObjectTypeEnum,
)

PATH = "event-subscriptions/"
ORDERS = {"observable_objects": [{"object_type": "order"}]}


@pytest.fixture
def subscription(agent: Any) -> dict[str, Any]:
    made: dict[str, Any] = agent.post(PATH, json={**ORDERS, "description": "orders"}).json()
    return made


def test_the_public_client_subscribes_and_leaves_no_field_unknown(
    client: AuthenticatedClient, agent: Any, state: State
) -> None:
    observed = [EventSubscriptionObservableObjectRequest(object_type="order")]
    made = event_subscriptions_create.sync(
        client=client, body=EventSubscriptionRequest(description="all orders", observable_objects=observed)
    )
    assert made is not None
    assert (made.user_uuid, made.user_username, made.description) == (
        UUID(state.user("agent").uuid),
        "agent",
        "all orders",
    )
    found = event_subscriptions_retrieve.sync(made.uuid, client=client)
    assert found == made
    assert event_subscriptions_list.sync(client=client) == [made]
    assert EventSubscription.from_dict(agent.get(f"{PATH}{made.uuid}/").json()).additional_properties == {}
    assert event_subscriptions_destroy.sync_detailed(made.uuid, client=client).status_code == 204
    assert agent.get(f"{PATH}{made.uuid}/").status_code == 404


def test_a_queue_is_named_after_subscription_offering_and_type(
    client: AuthenticatedClient, agent: Any, subscription: dict[str, Any], offering_uuid: str
) -> None:
    wanted = EventSubscriptionQueueCreateRequest(UUID(offering_uuid), ObservableObjectTypeEnum.ORDER)
    queue = event_subscriptions_create_queue.sync(UUID(subscription["uuid"]), client=client, body=wanted)
    assert queue is not None
    assert queue.queue_name == f"subscription_{subscription['uuid']}_offering_{offering_uuid}_order"
    assert queue.vhost == subscription["user_uuid"]
    again = agent.post(f"{PATH}{subscription['uuid']}/create_queue/", json=wanted.to_dict())
    assert (again.status_code, again.json()["uuid"]) == (200, queue.uuid.hex)
    assert EventSubscriptionQueue.from_dict(again.json()).additional_properties == {}


def test_others_subscriptions_are_hidden(caller: Callable[[str], Any], subscription: dict[str, Any]) -> None:
    staff = caller("staff")
    assert staff.get(PATH).json() == []
    assert staff.get(f"{PATH}{subscription['uuid']}/").status_code == 404
    assert staff.delete(f"{PATH}{subscription['uuid']}/").status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        ({"object_type": "order"}, 400, "offering_uuid"),
        ({"object_type": "order", "offering_uuid": "0" * 32}, 400, "does not exist"),
        ({"object_type": "tea", "offering_uuid": "OFFERING"}, 400, "is not a valid choice"),
    ],
)
def test_a_queue_that_cannot_be(
    agent: Any, subscription: dict[str, Any], offering_uuid: str, body: dict[str, str], status: int, text: str
) -> None:
    sent = {key: offering_uuid if value == "OFFERING" else value for key, value in body.items()}
    answer = agent.post(f"{PATH}{subscription['uuid']}/create_queue/", json=sent)
    assert answer.status_code == status
    assert text in answer.text


def test_a_queue_is_for_those_with_a_role_on_the_offering(caller: Callable[[str], Any], offering_uuid: str) -> None:
    alice = caller("alice")
    uuid = alice.post(PATH, json=ORDERS).json()["uuid"]
    wanted = {"object_type": "order", "offering_uuid": offering_uuid}
    assert alice.post(f"{PATH}{uuid}/create_queue/", json=wanted).status_code == 403


@pytest.mark.parametrize("observed", ["order", [["order"]], [{"object_type": "tea"}]])
def test_what_cannot_be_observed(agent: Any, observed: Any) -> None:
    assert agent.post(PATH, json={"observable_objects": observed}).status_code == 400


@pytest.mark.parametrize(
    ("queues", "subscribe", "create_queue", "identity", "register"),
    [
        ("none", 404, 404, 404, 404),
        ("bare", 201, 404, 404, 404),
        ("per_type", 201, 201, 201, 404),
        ("per_agent", 201, 201, 201, 201),
    ],
)
def test_what_a_server_has(
    scenario: Scenario,
    session_at: Callable[..., Any],
    queues: Any,
    subscribe: int,
    create_queue: int,
    identity: int,
    register: int,
) -> None:
    scenario.server.event_queues = queues
    with EmulatorServer(scenario) as server:
        agent, offering = session_at(server.url, server.token), server.state.offering().uuid
        subscribed = agent.post(PATH, json=ORDERS)
        uuid = subscribed.json()["uuid"] if subscribed.ok else "0" * 32
        queue = agent.post(f"{PATH}{uuid}/create_queue/", json={"object_type": "order", "offering_uuid": offering})
        known = agent.post("marketplace-site-agent-identities/", json={"offering": offering, "name": "a"})
        uuid = known.json()["uuid"] if known.ok else "0" * 32
        own = agent.post(f"marketplace-site-agent-identities/{uuid}/register_queue/", json={})
        answers = [subscribed, queue, known, own]
    assert [answer.status_code for answer in answers] == [subscribe, create_queue, identity, register]
    missing = [answer for answer in answers if answer.status_code == 404]
    assert all("<h1>Not Found</h1>" in answer.text for answer in missing), "as for any path that is not there"
