from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from waldur_agent.emulator.events.payloads import Event
from waldur_agent.emulator.events.routes import Delivery, deliveries
from waldur_agent.emulator.server import EmulatorServer
from waldur_agent.emulator.state import State

PLAIN, BARE = {"n": 2}, {"n": 1}


@pytest.fixture
def event(state: State) -> Event:
    return Event("order", state.offering(), plain=PLAIN, bare=BARE, more={"m": 3})


def found(server: EmulatorServer, event: Event) -> list[Delivery]:
    with server.state.lock:
        return deliveries(server.state, event)


def subscribe(agent: Any, *types: str) -> str:
    answer = agent.post("event-subscriptions/", json={"observable_objects": [{"object_type": t} for t in types]})
    uuid: str = answer.json()["uuid"]
    return uuid


def test_nobody_wants_it(server: EmulatorServer, event: Event) -> None:
    assert found(server, event) == []


def test_a_bare_queue_and_a_topic_for_each_subscription(server: EmulatorServer, agent: Any, event: Event) -> None:
    server.state.options.event_queues = "bare"
    uuid = subscribe(agent, "user_role", "order")
    subscribe(agent, "resource")
    vhost, offering, text = server.state.user("agent").uuid, event.offering.uuid, json.dumps(BARE)
    assert found(server, event) == [
        Delivery(vhost, f"subscription_{uuid}_offering_{offering}_order", text, declared=True),
        Delivery(vhost, f"subscription.{uuid}.offering.{offering}.order", text, exchange="amq.topic"),
    ]


def test_only_queues_that_were_asked_for(server: EmulatorServer, agent: Any, event: Event) -> None:
    uuid = subscribe(agent, "order", "resource")
    assert found(server, event) == []
    for kind in ("order", "resource"):
        body = {"object_type": kind, "offering_uuid": event.offering.uuid}
        assert agent.post(f"event-subscriptions/{uuid}/create_queue/", json=body).ok
    [delivery] = found(server, event)
    assert delivery.destination == f"subscription_{uuid}_offering_{event.offering.uuid}_order"
    assert (json.loads(delivery.text), delivery.declared) == (PLAIN, False)
    agent.delete(f"event-subscriptions/{uuid}/")
    assert found(server, event) == []


@pytest.mark.parametrize(("types", "count"), [(["order"], 1), ([], 1), (["resource"], 0)])
def test_an_agents_queue_gets_its_types_and_with_them_their_names(
    server: EmulatorServer, agent: Any, event: Event, types: list[str], count: int
) -> None:
    identity = agent.post(
        "marketplace-site-agent-identities/", json={"offering": event.offering.uuid, "name": "a"}
    ).json()
    path = f"marketplace-site-agent-identities/{identity['uuid']}/register_queue/"
    queue = agent.post(path, json={"object_types": types}).json()
    sent = found(server, event)
    assert [delivery.destination for delivery in sent] == [queue["queue_name"]] * count
    names = {"object_type": "order", "offering_uuid": event.offering.uuid}
    assert [json.loads(delivery.text) for delivery in sent] == [{**PLAIN, **names, "m": 3}] * count


def test_who_may_no_longer_see_the_offering_gets_nothing(
    server: EmulatorServer, caller: Callable[[str], Any], event: Event
) -> None:
    server.state.options.event_queues = "bare"
    subscribe(caller("manager"), "order")
    assert len(found(server, event)) == 2
    [role] = server.state.roles_of(server.state.user("manager"))
    with server.state.lock:
        server.state.drop_role(role)
    assert found(server, event) == []
