"""Names for persons without one: made once, written back, and walked through the states that the server has."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from services.agent_runs import AgentRuns, writes
from services.generations import EVERY_SERVER, needs_endpoint
from services.sandbox_cluster import SandboxCluster
from waldur_agent.emulator.server import EmulatorServer

pytestmark = EVERY_SERVER

AgentOf = Callable[[EmulatorServer], AgentRuns]
MakeServer = Callable[..., EmulatorServer]
STATES = needs_endpoint("offering_users.take_step", why="its offering users have no states")
BY_PROVIDER = {"username_generation_policy": "service_provider"}


def account_of(server: EmulatorServer, login: str) -> Any:
    return server.state.account(server.state.offering(), server.state.user(login))


def forget_name(server: EmulatorServer, login: str, state: str = "Requested") -> Any:
    with server.state.lock:
        account = account_of(server, login)
        account.username, account.state = "", state
    return account


@pytest.fixture
def naming(make_server: MakeServer, agent_of: AgentOf) -> tuple[EmulatorServer, AgentRuns]:
    """One account, three people, and a provider who names them by their persons' names."""
    server = make_server(creates=1, plugin_options=BY_PROVIDER)
    agent = agent_of(server)
    assert agent.once().status == 0
    agent.write_config(username_management_backend="full_name")
    return server, agent


def test_where_nobody_makes_names_it_is_said_who_has_none_and_no_plan_promises_one(
    naming: tuple[EmulatorServer, AgentRuns], sandbox: SandboxCluster
) -> None:
    server, agent = naming
    agent.write_config()
    assert agent.sync().status == 0
    forget_name(server, "person0")
    before = sandbox.everything()
    plan = agent.run("plan", "-m", "membership_sync")
    assert plan.status == 0, plan.out
    server.requests.clear()
    ended = agent.sync()
    assert ended.status == 0
    assert "1 without a local name, and so in no account: Person0" in ended.err
    assert writes(server) in (["refresh_last_sync"], [])
    assert sandbox.everything() == before


@pytest.mark.parametrize(
    "state",
    [
        "Requested",
        *(pytest.param(it, marks=STATES) for it in ("Creating", "Error creating", "Pending account linking")),
    ],
)
def test_a_person_without_a_name_gets_one_and_waldur_knows_it(
    naming: tuple[EmulatorServer, AgentRuns], sandbox: SandboxCluster, state: str
) -> None:
    server, agent = naming
    account = forget_name(server, "person0", state)
    plan = agent.run("plan", "-m", "membership_sync")
    assert plan.status == 3
    assert "name known after apply" in plan.out
    assert account.username == ""
    ended = agent.sync()
    assert ended.status == 0, ended.err
    assert account.username
    assert account.state == "OK"
    assert ("a_new-0", account.username) in sandbox.members()
    server.requests.clear()
    assert agent.sync().status == 0
    assert set(writes(server)) == {"refresh_last_sync"}


def test_two_persons_of_one_name_get_two(naming: tuple[EmulatorServer, AgentRuns]) -> None:
    server, agent = naming
    accounts = [forget_name(server, login) for login in ("person0", "person1")]
    with server.state.lock:
        for login in ("person0", "person1"):
            server.state.user(login).full_name = "Jane Doe"
    assert agent.sync().status == 0
    names = [account.username for account in accounts]
    assert all(name.startswith("jdoe") for name in names)
    assert len(set(names)) == 2


@pytest.mark.parametrize("policy", ["waldur_username", "anonymized", None])
def test_names_that_others_make_are_only_read(make_server: MakeServer, agent_of: AgentOf, policy: str | None) -> None:
    server = make_server(creates=1, plugin_options={"username_generation_policy": policy})
    agent = agent_of(server)
    agent.write_config(username_management_backend="full_name")
    account = forget_name(server, "person0")
    assert agent.once().status == 0
    assert agent.sync().status == 0
    assert account.username == ""


def test_the_default_makes_no_names_and_touches_no_state(make_server: MakeServer, agent_of: AgentOf) -> None:
    server = make_server(creates=1, plugin_options=BY_PROVIDER)
    agent = agent_of(server)
    account = forget_name(server, "person0")
    assert agent.once().status == 0
    assert agent.sync().status == 0
    assert (account.username, account.state) == ("", "Requested")


@STATES
@pytest.mark.parametrize("state", ["OK", "Requested deletion", "Deleting", "Deleted"])
def test_who_is_done_or_leaving_gets_no_name(naming: tuple[EmulatorServer, AgentRuns], state: str) -> None:
    server, agent = naming
    account = forget_name(server, "person0", state)
    agent.sync()
    assert (account.username, account.state) == ("", state)


def test_a_create_order_names_its_people_first(
    make_server: MakeServer, agent_of: AgentOf, sandbox: SandboxCluster, tmp_path: Path
) -> None:
    del tmp_path
    server = make_server(creates=1, plugin_options=BY_PROVIDER)
    account = forget_name(server, "person0")
    agent = agent_of(server)
    agent.write_config(username_management_backend="full_name")
    ended = agent.once()
    assert ended.status == 0, ended.err
    assert account.username
    assert ("a_new-0", account.username) in sandbox.members()
