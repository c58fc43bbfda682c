"""Brokers that go and come, agents that are killed, messages that are lost: the end is that of a full poll."""

from __future__ import annotations

import random
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import pairwise

import pytest
from services.agent_runs import AgentRuns, join, leave, order_states
from services.event_runs import event_agent
from services.rabbitmq_fixtures import RealRabbit
from services.sandbox_cluster import SandboxCluster
from waldur_agent.emulator.errors import ApiError
from waldur_agent.emulator.events.publisher import EventFaults
from waldur_agent.emulator.rules.orders import order_update
from waldur_agent.emulator.server import EmulatorServer

AgentOf = Callable[[EmulatorServer], AgentRuns]
MakeServer = Callable[..., EmulatorServer]

each_protocol = pytest.mark.parametrize(("queues", "transport"), [("per_agent", "stomp"), ("bare", "mqtt")])


def update(server: EmulatorServer, name: str, amount: int) -> None:
    with server.state.lock:
        order_update(server.state, server.state.resource(name), server.state.user("person1"), {"gres/gpu": amount})


@each_protocol
def test_a_broker_that_is_killed_and_comes_back_costs_nothing(
    make_server: MakeServer,
    agent_of: AgentOf,
    sandbox: SandboxCluster,
    rabbitmq: RealRabbit,
    queues: str,
    transport: str,
) -> None:
    server = make_server(broker=rabbitmq.broker(), creates=4, projects=2, server={"event_queues": queues})
    with event_agent(agent_of(server), transport, rabbitmq) as agent:
        agent.start()
        agent.wait_for(lambda: order_states(server) == ["done"] * 4)
        for number in range(4):
            update(server, f"new-{number}", 50 + number)
        rabbitmq.node.kill()
        agent.wait_for(lambda: "lost: " in agent.log)
        agent.wait_for(lambda: order_states(server) == ["done"] * 8)
        leave(server, "person0")
        update(server, "new-2", 200)
        rabbitmq.node.start()
        agent.wait_for(lambda: order_states(server) == ["done"] * 9 and not user_left(sandbox, "user0"))
        assert ("a_new-2", "gres/gpu", "12000") in sandbox.limits()
        # And events come as before.
        join(server, "person0", "Project 0")
        agent.wait_for(lambda: ("a_new-0", "user0") in sandbox.members())
        assert agent.end() == 0


def user_left(sandbox: SandboxCluster, user: str) -> bool:
    return any(member == user for _, member in sandbox.members())


def test_nothing_is_left_over_after_many_reconnects(
    make_server: MakeServer, agent_of: AgentOf, sandbox: SandboxCluster, rabbitmq: RealRabbit
) -> None:
    server = make_server(broker=rabbitmq.broker(), creates=1, server={"event_queues": "per_agent"})
    with event_agent(agent_of(server), "stomp", rabbitmq) as agent:
        agent.start()
        (login,) = [user for user in rabbitmq.management.users() if user != "admin"]
        agent.wait_for(lambda: agent.log.count("done 0, troubles 0") >= 2)
        before = agent.in_use()
        for times in range(2, 6):
            agent.wait_for(lambda: rabbitmq.management.connections(login))
            rabbitmq.management.drop_connections(login)
            agent.wait_for(lambda times=times: agent.log.count(": connected to ") >= times)  # type: ignore[misc]
        agent.wait_for(lambda: agent.in_use() <= before, 20)


def test_what_happens_while_the_agent_is_away_waits_for_it(
    make_server: MakeServer, agent_of: AgentOf, sandbox: SandboxCluster, rabbitmq: RealRabbit
) -> None:
    server = make_server(broker=rabbitmq.broker(), creates=2, server={"event_queues": "per_type"})
    with event_agent(agent_of(server), "stomp", rabbitmq) as agent:
        agent.start()
        agent.wait_for(lambda: order_states(server) == ["done"] * 2)
        agent.end(signal.SIGKILL)
        update(server, "new-0", 90)
        leave(server, "person2")
        server.requests.clear()
        agent.start()
        agent.wait_for(lambda: order_states(server) == ["done"] * 3 and not user_left(sandbox, "user2"))
        made = [
            it for it in server.requests.all() if it.method == "POST" and it.path.endswith("event-subscriptions/")
        ]
        assert made == [], "subscriptions are taken up again, so that their queues were collecting"


@pytest.mark.parametrize(("queues", "transport", "events"), [("per_agent", "stomp", 10_000), ("bare", "mqtt", 1_000)])
def test_ten_thousand_events_lost_doubled_and_reordered_end_as_a_full_poll_does(
    make_server: MakeServer,
    agent_of: AgentOf,
    sandbox: SandboxCluster,
    rabbitmq: RealRabbit,
    queues: str,
    transport: str,
    events: int,
) -> None:
    """Objects that keep changing; in the end a whole pass (here: after a reconnect) finds what nobody told."""
    server = make_server(broker=rabbitmq.broker(), creates=6, people=6, projects=3, server={"event_queues": queues})
    chance = random.Random(transport)  # noqa: S311 - the same seed does the same
    fuse = {"members": 10_000, "percent": 100}
    with event_agent(agent_of(server), transport, rabbitmq, removal_fuse=fuse) as agent:
        agent.start()
        agent.wait_for(lambda: order_states(server) == ["done"] * 6)
        agent.wait_for(lambda: agent.log.count("done 0, troubles 0") >= 2)
        before = agent.in_use()
        assert server.events is not None
        server.events.faults = EventFaults(drop=0.6, duplicate=0.3, reorder=5, seed=len(transport))
        while len(server.events.log) < events:
            for _ in range(100):
                change(server, chance)
            server.events.settle()
        server.events.faults = EventFaults()
        logins = [user for user in rabbitmq.management.users() if user != "admin"]
        assert agent.log.count(": connected to ") == len(logins), "no event of any kind ends a connection"
        for login in logins:
            agent.wait_for(lambda login=login: rabbitmq.management.connections(login))  # type: ignore[misc]
            rabbitmq.management.drop_connections(login)
        agent.wait_for(lambda: agent.log.count(": connected to ") == 2 * len(logins))
        agent.wait_for(lambda: set(order_states(server)) == {"done"})
        agent.wait_for(lambda: agent.log.rstrip().endswith("s."))
        agent.wait_for(lambda: agent.in_use() <= before, 20)
        agent.end()
    after = sandbox.everything()
    polled = agent_of(server)
    assert polled.once().status == 0
    assert polled.sync().status == 0
    assert sandbox.everything() == after


def change(server: EmulatorServer, chance: random.Random) -> None:
    """Somebody does something in Waldur."""
    name, person = f"new-{chance.randrange(6)}", f"person{chance.randrange(1, 6)}"
    resource = server.state.resource(name)
    match chance.randrange(4):
        case 0:
            with suppress(ApiError):  # an order of before is not done yet
                update(server, name, chance.randrange(1, 1000))
        case 1:
            leave(server, person)
        case 2:
            with server.state.lock:
                there = {role.user.username for role in server.state.team_of(resource.project)}
            if person not in there:
                join(server, person, resource.project.name)
        case _:
            with server.state.lock:
                resource.paused = not resource.paused


@contextmanager
def counting() -> Iterator[tuple[int, list[float]]]:
    """A port where everybody is turned away at once; gives it and the times at which somebody came."""
    times: list[float] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        done = threading.Event()

        def answer() -> None:
            while not done.is_set():
                try:
                    client, _ = server.accept()
                except TimeoutError:
                    continue
                times.append(time.monotonic())
                client.close()

        thread = threading.Thread(target=answer)
        thread.start()
        yield server.getsockname()[1], times
        done.set()
        thread.join()


@each_protocol
def test_one_attempt_for_each_wait_and_orders_are_done_all_the_same(
    make_server: MakeServer,
    agent_of: AgentOf,
    sandbox: SandboxCluster,
    rabbitmq: RealRabbit,
    queues: str,
    transport: str,
) -> None:
    server = make_server(broker=rabbitmq.broker(), creates=1, server={"event_queues": queues})
    with (
        counting() as (port, times),
        event_agent(
            agent_of(server),
            transport,
            rabbitmq,
            **{f"{transport}_ws_port": port, "membership_sync_backend": ""},
            order_processing_backend="sandbox",
            backend_type="",
        ) as agent,
    ):
        process = agent.launch()
        agent.wait_for(lambda: len(times) >= 4)
        waits = [later - earlier for earlier, later in pairwise(times)]
        for wait, nominal in zip(waits, (1, 2, 4), strict=False):
            assert wait >= 0.75 * nominal
        assert order_states(server) == ["done"]
        process.terminate()
        assert process.wait(5) == 0
