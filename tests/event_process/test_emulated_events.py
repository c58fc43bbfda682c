"""The emulated Waldur at a real broker: who subscribes as a reference client does gets what such a server sends."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from services.agent_fixtures import MakeServer
from services.agent_runs import AGENT
from services.rabbitmq.consumers import Inbox, RefusedError, mqtt_consumer, stomp_consumer
from services.rabbitmq_fixtures import RealRabbit, eventually
from waldur_agent.emulator.events.publisher import EventFaults
from waldur_agent.emulator.server import EmulatorServer

QUEUE_ARGUMENTS = {
    "x-message-ttl": 3600000,
    "x-max-length": 10000,
    "x-overflow": "reject-publish-dlx",
    "x-dead-letter-exchange": "",
    "x-dead-letter-routing-key": "waldur.dlq.messages",
}
TYPES = ("order", "user_role", "resource", "offering_user")


@dataclass
class Agent:
    """Somebody with the agent's token."""

    server: EmulatorServer

    def post(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = self._ask("POST", path, body or {})
        answer.raise_for_status()
        decoded: dict[str, Any] = answer.json() if answer.content else {}
        return decoded

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> requests.Response:
        headers = {"Authorization": f"Token {self.server.token}"}
        return requests.request(method, f"{self.server.url}{path}", json=body, headers=headers, timeout=30)

    def subscribe(self, *types: str) -> dict[str, Any]:
        return self.post("event-subscriptions/", {"observable_objects": [{"object_type": kind} for kind in types]})

    def unsubscribe(self, subscription: dict[str, Any]) -> None:
        assert self._ask("DELETE", f"event-subscriptions/{subscription['uuid']}/").status_code == 204

    def create_queue(self, subscription: dict[str, Any], object_type: str) -> str:
        body = {"offering_uuid": self.offering, "object_type": object_type}
        name: str = self.post(f"event-subscriptions/{subscription['uuid']}/create_queue/", body)["queue_name"]
        return name

    def register_queue(self, *types: str) -> dict[str, Any]:
        identity = self.post("marketplace-site-agent-identities/", {"offering": self.offering, "name": "agent"})
        return self.post(
            f"marketplace-site-agent-identities/{identity['uuid']}/register_queue/", {"object_types": list(types)}
        )

    @property
    def offering(self) -> str:
        return self.server.state.offering().uuid


Start = Callable[..., tuple[Agent, EmulatorServer]]


@pytest.fixture
def start(make_server: MakeServer, rabbitmq: RealRabbit) -> Start:
    def begin(queues: str, delay: float = 0) -> tuple[Agent, EmulatorServer]:
        options = {"event_queues": queues}
        server = make_server(broker=rabbitmq.broker(delay), creates=1, existing=2, server=options)
        return Agent(server), server

    return begin


def pause(server: EmulatorServer, name: str = "old-0", value: bool = True) -> None:
    with server.state.lock:
        server.state.resource(name).paused = value


def kinds(inbox: Inbox, count: int) -> list[str]:
    return [message["object_type"] for message in inbox.take_some(count)]


# ---------------------------------------------------------------- one queue for an agent


def test_one_queue_brings_everything_that_happens(rabbitmq: RealRabbit, start: Start) -> None:
    agent, server = start("per_agent")
    queue = agent.register_queue(*TYPES)
    [order] = server.state.orders.values()
    destination = f"/amq/queue/{queue['queue_name']}"
    with stomp_consumer(rabbitmq.ports, queue["vhost"], queue["rmq_username"], server.token, destination) as inbox:
        agent.post(f"marketplace-orders/{order.uuid}/approve_by_provider/")
        told = inbox.take()
        assert (told["object_type"], told["order_uuid"], told["order_state"]) == ("order", order.uuid, "executing")
        assert (told["offering_uuid"], told["limits"]) == (agent.offering, {"gres/gpu": 10})
        pause(server)
        assert inbox.take()["paused"] is True
        with server.state.lock:
            role = server.state.team_of(order.resource.project)[0]
            server.state.drop_role(role)
        assert {"granted": False, "user_uuid": role.user.uuid}.items() <= inbox.take().items()
        account = server.state.account(server.state.offering(), role.user)
        assert account is not None
        agent.post(f"marketplace-offering-users/{account.uuid}/update_restricted/", {"is_restricted": True})
        assert inbox.take()["changed_fields"] == ["is_restricted"]
        assert inbox.empty


def test_an_agents_queue_may_be_declared_by_its_client_and_is_limited_all_the_same(
    rabbitmq: RealRabbit, start: Start
) -> None:
    agent, server = start("per_agent")
    queue = agent.register_queue("resource")
    where = (queue["vhost"], queue["rmq_username"], server.token, f"/queue/{queue['queue_name']}")

    def found() -> dict[str, Any]:
        return rabbitmq.management.queues(queue["vhost"])[queue["queue_name"]]

    with stomp_consumer(rabbitmq.ports, *where) as inbox:
        pause(server)
        assert inbox.take()["object_type"] == "resource"
    policy = {key.removeprefix("x-"): value for key, value in QUEUE_ARGUMENTS.items()}
    assert found()["arguments"] == {}
    eventually(lambda: found().get("effective_policy_definition") == policy)


def test_messages_wait_for_an_agent_that_is_away(rabbitmq: RealRabbit, start: Start) -> None:
    agent, server = start("per_agent")
    queue = agent.register_queue(*TYPES)
    pause(server)
    assert server.events is not None
    server.events.settle()
    where = (queue["vhost"], queue["rmq_username"], server.token, f"/amq/queue/{queue['queue_name']}")
    with stomp_consumer(rabbitmq.ports, *where) as inbox:
        assert kinds(inbox, 1) == ["resource"]


def test_after_a_change_of_token_the_queue_is_registered_again(rabbitmq: RealRabbit, start: Start) -> None:
    agent, server = start("per_agent")
    queue = agent.register_queue("order")
    where = (queue["vhost"], queue["rmq_username"])
    rabbitmq.management.add_user(queue["rmq_username"], "the old token")
    with pytest.raises(RefusedError), stomp_consumer(rabbitmq.ports, *where, server.token):
        pass
    identity = next(iter(server.state.identities))
    agent.post(f"marketplace-site-agent-identities/{identity}/register_queue/")
    with stomp_consumer(rabbitmq.ports, *where, server.token):
        pass


# ---------------------------------------------------------------- a queue for each type


def test_a_queue_for_one_type(rabbitmq: RealRabbit, start: Start) -> None:
    agent, server = start("per_type")
    subscription = agent.subscribe("order", "resource")
    name = agent.create_queue(subscription, "resource")
    assert name == f"subscription_{subscription['uuid']}_offering_{agent.offering}_resource"
    assert rabbitmq.management.queues(subscription["user_uuid"])[name]["arguments"] == QUEUE_ARGUMENTS
    where = (subscription["user_uuid"], subscription["uuid"], server.token, f"/amq/queue/{name}")
    with stomp_consumer(rabbitmq.ports, *where) as inbox:
        pause(server)
        assert set(inbox.take()) == {
            *("resource_uuid", "resource_backend_id", "paused", "downscaled", "restrict_member_access"),
            "sequence_number",
        }


def test_who_declares_such_a_queue_is_refused(rabbitmq: RealRabbit, start: Start) -> None:
    agent, server = start("per_type")
    subscription = agent.subscribe("order")
    name = agent.create_queue(subscription, "order")
    where = (subscription["user_uuid"], subscription["uuid"], server.token)
    with stomp_consumer(rabbitmq.ports, *where, f"/queue/{name}") as inbox, pytest.raises(RefusedError):
        inbox.take()
    eventually(lambda: "PRECONDITION_FAILED - inequivalent arg" in rabbitmq.said)


def test_a_queue_that_was_not_asked_for_is_not_there(rabbitmq: RealRabbit, start: Start) -> None:
    agent, server = start("per_type")
    subscription = agent.subscribe("order")
    name = f"subscription_{subscription['uuid']}_offering_{agent.offering}_order"
    where = (subscription["user_uuid"], subscription["uuid"], server.token)
    with stomp_consumer(rabbitmq.ports, *where, f"/amq/queue/{name}") as inbox, pytest.raises(RefusedError):
        inbox.take()
    eventually(lambda: f"NOT_FOUND - no queue '{name}'" in rabbitmq.said)
    assert agent.create_queue(subscription, "order") == name
    with stomp_consumer(rabbitmq.ports, *where, f"/amq/queue/{name}") as inbox:
        [order] = server.state.orders.values()
        agent.post(f"marketplace-orders/{order.uuid}/approve_by_provider/")
        assert inbox.take()["order_state"] == "executing"


def test_with_a_subscription_its_login_and_queues_go(rabbitmq: RealRabbit, start: Start) -> None:
    agent, _ = start("per_type")
    kept, gone = agent.subscribe("order"), agent.subscribe("order")
    queue = agent.create_queue(kept, "order")
    agent.create_queue(gone, "order")
    agent.unsubscribe(gone)
    assert set(rabbitmq.management.users()) == {"admin", kept["uuid"]}
    assert set(rabbitmq.management.queues(kept["user_uuid"])) == {queue, "waldur.dlq.messages"}


# ---------------------------------------------------------------- bare queues and topics


@pytest.mark.parametrize("prefix", ["", "/queue/"])
def test_a_bare_queue_collects_from_the_subscription_on(rabbitmq: RealRabbit, start: Start, prefix: str) -> None:
    agent, server = start("bare")
    subscription = agent.subscribe("order", "resource")
    pause(server)
    name = f"subscription_{subscription['uuid']}_offering_{agent.offering}_resource"
    assert server.events is not None
    server.events.settle()
    where = (subscription["user_uuid"], subscription["uuid"], server.token, f"{prefix}{name}")
    with stomp_consumer(rabbitmq.ports, *where) as inbox:
        assert inbox.take()["limits"] == {"gres/gpu": 5}
        pause(server, value=False)
        assert inbox.take()["paused"] is False


def test_mqtt(rabbitmq: RealRabbit, start: Start) -> None:
    agent, server = start("bare")
    subscription = agent.subscribe("order")
    topic = f"subscription/{subscription['uuid']}/offering/{agent.offering}/order"
    where = (subscription["user_uuid"], subscription["uuid"], server.token, topic)
    [order] = server.state.orders.values()
    with mqtt_consumer(rabbitmq.ports, *where) as inbox:
        agent.post(f"marketplace-orders/{order.uuid}/approve_by_provider/")
        with server.state.lock:
            order.state = "pending-provider"
        assert inbox.take() == {"order_uuid": order.uuid}
        assert inbox.empty, "that it was approved is nothing this server tells"


# ---------------------------------------------------------------- what goes wrong


def test_a_login_that_takes_its_time(rabbitmq: RealRabbit, start: Start) -> None:
    agent, server = start("per_agent", delay=2)
    queue = agent.register_queue("order")
    where = (queue["vhost"], queue["rmq_username"], server.token)
    with pytest.raises(RefusedError), stomp_consumer(rabbitmq.ports, *where):
        pass
    eventually(lambda: queue["rmq_username"] in rabbitmq.management.users())


def test_messages_are_lost_doubled_and_reordered(rabbitmq: RealRabbit, start: Start) -> None:
    agent, server = start("per_agent")
    queue = agent.register_queue("order")
    assert server.events is not None
    server.events.faults = EventFaults(drop=0.2, duplicate=0.2, reorder=10, seed=1)
    for number in range(100):
        assert server.events.publish(server.state.offering(), "order", {"number": number}) == 1
    server.events.settle()
    numbers = [message["number"] for message in rabbitmq.management.messages(queue["vhost"], queue["queue_name"])]
    assert len(numbers) == server.events.sent
    assert 60 < len(set(numbers)) < 95
    assert len(set(numbers)) + 5 < len(numbers)
    assert numbers != sorted(numbers)


def test_a_payload_that_is_no_json_goes_as_it_is(rabbitmq: RealRabbit, start: Start) -> None:
    agent, server = start("per_agent")
    queue = agent.register_queue("order")
    body = {"object_type": "order", "payload": '["broken', "count": 2}
    answer = requests.post(f"{server.root}/_emulator/events", json=body, timeout=30)
    assert answer.json() == {"destinations": 1}
    assert server.events is not None
    server.events.settle()
    where = ("queues", queue["vhost"], queue["queue_name"], "get")
    asked = {"count": 9, "ackmode": "ack_requeue_false", "encoding": "auto"}
    taken = rabbitmq.management.request("POST", *where, body=asked)
    assert [message["payload"] for message in taken] == ['["broken'] * 2


def test_the_command_sends_events_and_can_be_told_to_lose_them(rabbitmq: RealRabbit, tmp_path: Path) -> None:
    arguments = ["--port", "0", "--quiet", "--broker", rabbitmq.broker().url, "--event-queues", "per_type"]
    with subprocess.Popen([AGENT, "emulator", *arguments], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        _, _, url, _, token = process.stdout.readline().split()
        auth = {"Authorization": f"Token {token}"}
        asked = {"observable_objects": [{"object_type": "order"}]}
        made = requests.post(f"{url}event-subscriptions/", json=asked, headers=auth, timeout=30).json()
        assert made["uuid"] in rabbitmq.management.users()
        control = url.replace("/api/", "/_emulator/")
        assert requests.put(f"{control}event-faults", json={"drop": 1}, timeout=30).status_code == 204
        assert requests.get(f"{control}events", timeout=30).json() == []
        process.terminate()
    assert process.returncode == 0


def test_a_broker_that_was_away_has_what_was_asked_for_meanwhile(rabbitmq: RealRabbit, start: Start) -> None:
    agent, server = start("per_agent")
    rabbitmq.node.kill()
    queue = agent.register_queue("resource")
    pause(server)
    rabbitmq.node.start()
    where = (queue["vhost"], queue["rmq_username"], server.token, f"/amq/queue/{queue['queue_name']}")
    eventually(server.state.at_broker.settle)
    with stomp_consumer(rabbitmq.ports, *where) as inbox:
        pause(server, value=False)
        assert inbox.take()["paused"] is False, "what was sent meanwhile is lost"
