"""Orders on the sandbox: what comes of them, and what does not change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from services.agent_runs import AgentRuns, order_states, writes
from services.generations import EVERY_SERVER
from services.sandbox_cluster import SandboxCluster
from waldur_agent.emulator.rules.orders import order_termination, order_update
from waldur_agent.emulator.server import EmulatorServer

pytestmark = EVERY_SERVER

AgentOf = Callable[[EmulatorServer], AgentRuns]
MakeServer = Callable[..., EmulatorServer]


def resource(server: EmulatorServer, name: str) -> Any:
    with server.state.lock:
        return server.state.resource(name)


def test_a_create_order_becomes_an_account_with_limits_and_members(
    make_server: MakeServer, agent_of: AgentOf, sandbox: SandboxCluster
) -> None:
    server = make_server(creates=1)
    assert agent_of(server).once().status == 0
    assert order_states(server) == ["done"]
    assert sandbox.accounts() == {"c_uni": None, "p_proj-0": "c_uni", "a_new-0": "p_proj-0"}
    assert sandbox.limits() == {("a_new-0", "gres/gpu", "600")}
    assert sandbox.members() == {("a_new-0", f"user{number}") for number in range(3)}
    assert (resource(server, "new-0").backend_id, resource(server, "new-0").state) == ("a_new-0", "OK")


def test_a_second_run_asks_and_changes_nothing(
    make_server: MakeServer, agent_of: AgentOf, sandbox: SandboxCluster
) -> None:
    server = make_server(creates=3)
    agent = agent_of(server)
    agent.once()
    server.requests.clear()
    before = sandbox.everything()
    assert agent.once().status == 0
    assert sandbox.everything() == before
    assert writes(server) == []
    assert len(server.requests.all()) == 1


def test_update_and_terminate(make_server: MakeServer, agent_of: AgentOf, sandbox: SandboxCluster) -> None:
    server = make_server(creates=2)
    agent = agent_of(server)
    agent.once()
    alice = server.state.user("person0")
    with server.state.lock:
        order_update(server.state, server.state.resource("new-0"), alice, {"gres/gpu": 0})
        order_termination(server.state, server.state.resource("new-1"), alice)
    assert agent.once().status == 0
    assert order_states(server) == ["done"] * 4
    assert sandbox.limits() == {("a_new-0", "gres/gpu", "0")}
    # The project of the terminated account is empty and goes; the customer stays.
    assert sandbox.accounts() == {"c_uni": None, "p_proj-0": "c_uni", "a_new-0": "p_proj-0"}
    assert resource(server, "new-1").state == "Terminated"
    # A server of 2024 refuses the next update unless it was told that the allocation behind the resource is fine.
    with server.state.lock:
        order_update(server.state, server.state.resource("new-0"), alice, {"gres/gpu": 7})
    assert agent.once().status == 0
    assert sandbox.limits() == {("a_new-0", "gres/gpu", "420")}


def test_a_plan_says_what_a_run_would_do_and_changes_nothing_anywhere(
    make_server: MakeServer, agent_of: AgentOf, sandbox: SandboxCluster
) -> None:
    server = make_server(creates=2)
    agent, before = agent_of(server), sandbox.everything()
    ended = agent.plan("--json")
    assert ended.status == ended.json["exit_status"] == 3
    assert sandbox.everything() == before
    assert writes(server) == []
    (part,) = ended.json["offerings"]
    kinds = [[change["kind"] for change in order["changes"]] for order in part["items"]]
    assert kinds == [["create_account", "set_limits", *["add_member"] * 3]] * 2
    assert part["items"][0]["changes"][1]["after"] == "gres/gpu=600"
    assert part["commands"]
    agent.once()
    done = agent.plan("--json")
    assert (done.status, done.json["offerings"][0]["items"]) == (0, [])
    assert "nothing to do" in agent.plan().out


def test_a_foreign_account_of_the_same_name_is_neither_adopted_nor_touched(
    make_server: MakeServer, agent_of: AgentOf, sandbox: SandboxCluster
) -> None:
    sandbox.add_by_hand("a_new-0")
    server = make_server(creates=2)
    ended = agent_of(server).once()
    assert ended.status == 1
    assert order_states(server) == ["erred", "done"]
    assert sandbox.accounts()["a_new-0"] is None
    assert not any(account == "a_new-0" for account, _ in sandbox.members())
    assert "a_new-0" in ended.err
    assert "Traceback" not in ended.err


def test_a_foreign_account_below_our_project_keeps_the_project(
    make_server: MakeServer, agent_of: AgentOf, sandbox: SandboxCluster
) -> None:
    server = make_server(creates=1)
    agent = agent_of(server)
    agent.once()
    sandbox.add_by_hand("theirs", "p_proj-0")
    with server.state.lock:
        order_termination(server.state, server.state.resource("new-0"), server.state.user("person0"))
    assert agent.once().status == 0
    assert sandbox.accounts() == {"c_uni": None, "p_proj-0": "c_uni", "theirs": "p_proj-0"}


@pytest.mark.parametrize(
    "quirk",
    [{"marketplace_resource_uuid": "after_approval"}, {"resource_slugs": "own"}],
    ids=["resource only after approval", "slugs only in orders"],
)
def test_servers_that_tell_less_are_served_all_the_same(
    make_server: MakeServer, agent_of: AgentOf, sandbox: SandboxCluster, quirk: dict[str, str]
) -> None:
    server = make_server(creates=2, server=quirk)
    assert agent_of(server).once().status == 0
    assert order_states(server) == ["done", "done"]
    assert sandbox.accounts()["a_new-1"] == "p_proj-1"


def test_without_a_slug_no_account_is_made_and_the_order_waits(
    make_server: MakeServer, agent_of: AgentOf, sandbox: SandboxCluster
) -> None:
    server = make_server(creates=1, server={"resource_slugs": "none"})
    ended = agent_of(server).once()
    assert ended.status == 1
    assert order_states(server) == ["pending-provider"]
    assert sandbox.accounts() == {}
    assert "slug" in ended.err


def test_orders_of_unknown_types_and_states_are_left_alone(
    make_server: MakeServer, agent_of: AgentOf, sandbox: SandboxCluster
) -> None:
    restore = {"type": "Restore", "resource": "old-0"}
    server = make_server(creates=1, existing=1, orders=[restore])
    ended = agent_of(server).once()
    assert ended.status == 0
    assert sorted(order_states(server)) == ["done", "pending-provider"]
    assert "Skipped" in ended.err


def test_an_update_of_an_account_that_is_gone_fails_with_its_name(make_server: MakeServer, agent_of: AgentOf) -> None:
    server = make_server(existing=1, orders=[{"type": "Update", "resource": "old-0", "limits": {"gres/gpu": 9}}])
    assert agent_of(server).once().status == 1
    assert order_states(server) == ["erred"]
    with server.state.lock:
        (order,) = server.state.orders.values()
    assert "a_old-0" in order.error_message


def test_the_server_sees_that_the_offering_is_served(make_server: MakeServer, agent_of: AgentOf) -> None:
    server = make_server()
    agent_of(server).once()
    (request,) = server.requests.all()
    assert request.user_agent.startswith("waldur-site-agent-order-process/")
    assert "offering_uuid=" in request.query


def test_the_token_is_in_no_output(make_server: MakeServer, agent_of: AgentOf) -> None:
    server = make_server(creates=2)
    for ended in (agent_of(server).plan("-v"), agent_of(server).once("-v")):
        assert "DEBUG" in ended.err
        assert server.token not in ended.err + ended.out
