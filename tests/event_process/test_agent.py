"""The agent between an emulated Waldur and a real broker: what happens in Waldur happens on the cluster, at once."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from services.agent_runs import AgentRuns, join, leave, order_states
from services.event_runs import GENERATIONS, event_agent
from services.rabbitmq_fixtures import RealRabbit
from services.sandbox_cluster import SandboxCluster
from waldur_agent.emulator.rules.orders import order_termination, order_update
from waldur_agent.emulator.server import EmulatorServer

AgentOf = Callable[[EmulatorServer], AgentRuns]
MakeServer = Callable[..., EmulatorServer]


@pytest.mark.parametrize(("queues", "transport"), GENERATIONS)
def test_what_happens_in_waldur_happens_on_the_cluster(
    make_server: MakeServer,
    agent_of: AgentOf,
    sandbox: SandboxCluster,
    rabbitmq: RealRabbit,
    queues: str,
    transport: str,
) -> None:
    server = make_server(broker=rabbitmq.broker(), creates=2, projects=2, server={"event_queues": queues})
    resource, person = server.state.resource, server.state.user("person1")
    with event_agent(agent_of(server), transport, rabbitmq) as agent:
        agent.start()
        agent.wait_for(lambda: order_states(server) == ["done"] * 2)

        with server.state.lock:
            resource("new-0").paused = True
        agent.wait_for(lambda: sandbox.statuses()["a_new-0"] == "paused")
        with server.state.lock:
            resource("new-0").paused = False
            resource("new-0").restrict_member_access = True
        agent.wait_for(lambda: {account for account, _ in sandbox.members()} == {"a_new-1"})
        assert sandbox.statuses()["a_new-0"] == "active"
        with server.state.lock:
            resource("new-0").restrict_member_access = False
        agent.wait_for(lambda: ("a_new-0", "user2") in sandbox.members())

        leave(server, "person0")
        agent.wait_for(lambda: "user0" not in {user for _, user in sandbox.members()})
        join(server, "person0", "Project 0")
        agent.wait_for(lambda: ("a_new-0", "user0") in sandbox.members())
        assert ("a_new-1", "user0") not in sandbox.members()

        with server.state.lock:
            order_update(server.state, resource("new-1"), person, {"gres/gpu": 77})
        agent.wait_for(lambda: order_states(server) == ["done"] * 3)
        assert ("a_new-1", "gres/gpu", "4620") in sandbox.limits()
        with server.state.lock:
            order_termination(server.state, resource("new-1"), person)
        agent.wait_for(lambda: order_states(server) == ["done"] * 4)
        assert "a_new-1" not in sandbox.accounts()

        assert agent.end() == 0
        kept = json.loads(path.read_text()) if (path := agent.state / "event-subscriptions.json").exists() else {}
        assert server.token not in agent.log
    remembered = {purpose for offerings in kept.values() for own in offerings.values() for purpose in own}
    types = {"stomp order", "stomp user_role", "stomp resource", "stomp offering_user"}
    assert remembered == (types if (queues, transport) in {("per_type", "stomp"), ("bare", "stomp")} else set())


def test_a_key_that_is_not_set_switches_its_process_off(
    make_server: MakeServer, agent_of: AgentOf, sandbox: SandboxCluster, rabbitmq: RealRabbit
) -> None:
    server = make_server(broker=rabbitmq.broker(), creates=1)
    with event_agent(
        agent_of(server), "stomp", rabbitmq, backend_type="", order_processing_backend="sandbox"
    ) as agent:
        agent.start()
        agent.wait_for(lambda: order_states(server) == ["done"])
        before = sandbox.members()
        assert before
        leave(server, "person0")
        with server.state.lock:
            order_update(server.state, server.state.resource("new-0"), server.state.user("person1"), {"gres/gpu": 7})
        agent.wait_for(lambda: order_states(server) == ["done"] * 2)
        assert sandbox.members() == before
        agent.end()
    with event_agent(
        agent_of(server), "stomp", rabbitmq, backend_type="", membership_sync_backend="sandbox"
    ) as agent:
        agent.start()
        agent.wait_for(lambda: sandbox.members() < before)
        with server.state.lock:
            order_update(server.state, server.state.resource("new-0"), server.state.user("person1"), {"gres/gpu": 9})
            server.state.resource("new-0").paused = True
        agent.wait_for(lambda: sandbox.statuses()["a_new-0"] == "paused")
        assert order_states(server)[-1] == "pending-provider"


def test_other_offerings_are_left_to_polling_and_one_pass_can_be_had(
    make_server: MakeServer, agent_of: AgentOf, sandbox: SandboxCluster, rabbitmq: RealRabbit
) -> None:
    server = make_server(broker=rabbitmq.broker(), creates=1)
    agent = agent_of(server)
    ended = agent.run("-m", "event_process", "--once")
    assert (ended.status, order_states(server)) == (0, ["pending-provider"])
    assert "neither stomp_enabled nor mqtt_enabled is true" in ended.err
    agent.write_config(stomp_enabled=True)
    assert agent.once().status == 0
    assert order_states(server) == ["pending-provider"]
    planned = agent.run("plan", "-m", "event_process", "--json")
    assert planned.status == 3
    assert [part["mode"] for part in planned.json["offerings"]] == ["order_process", "membership_sync"]
    assert agent.run("-m", "event_process", "--once").status == 0
    assert order_states(server) == ["done"]
    assert not [it for it in server.requests.all() if "event" in it.path or "identities" in it.path]


def test_a_person_who_gets_a_name_later_is_let_in_then(
    make_server: MakeServer, agent_of: AgentOf, sandbox: SandboxCluster, rabbitmq: RealRabbit
) -> None:
    """The server makes the person's local account after the role was told."""
    server = make_server(broker=rabbitmq.broker(), creates=1, projects=1)
    state = server.state
    account = state.account(state.offering(), state.user("person0"))
    assert account is not None
    with event_agent(agent_of(server), "stomp", rabbitmq) as agent:
        leave(server, "person0")
        with state.lock:
            account.username = ""
        agent.start()
        agent.wait_for(lambda: ("a_new-0", "user1") in sandbox.members())
        join(server, "person0", "Project 0")
        agent.wait_for(lambda: agent.log.count("GET marketplace-offering-users") >= 3)
        assert ("a_new-0", "user0") not in sandbox.members()
        with state.lock:
            account.username = "user0"
        agent.wait_for(lambda: ("a_new-0", "user0") in sandbox.members())


def test_single_removals_count_together_at_the_fuse(
    make_server: MakeServer, agent_of: AgentOf, sandbox: SandboxCluster, rabbitmq: RealRabbit
) -> None:
    server = make_server(broker=rabbitmq.broker(), creates=1, projects=1, people=20)
    with event_agent(agent_of(server), "stomp", rabbitmq) as agent:
        agent.start()
        agent.wait_for(lambda: order_states(server) == ["done"])
        # Both whole passes of a start: before there are events, and after.
        agent.wait_for(lambda: agent.log.count("refresh_last_sync/ -> 200") >= 2)
        for number in range(6):
            leave(server, f"person{number}")
            agent.wait_for(lambda number=number: ("a_new-0", f"user{number}") not in sandbox.members())  # type: ignore[misc]
        leave(server, "person6")
        agent.wait_for(lambda: "removals held back (user6)" in agent.log)
        assert "7 of 20 members" in agent.log
        assert ("a_new-0", "user6") in sandbox.members()
