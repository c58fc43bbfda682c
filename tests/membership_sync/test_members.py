"""Members of accounts on the sandbox: who comes, who goes, and who stays whatever Waldur says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from services.agent_runs import AgentRuns, leave, writes
from services.generations import EVERY_SERVER
from services.sandbox_cluster import SandboxCluster
from waldur_agent.emulator.faults import Fault
from waldur_agent.emulator.profile import Profile
from waldur_agent.emulator.server import EmulatorServer

pytestmark = EVERY_SERVER

AgentOf = Callable[[EmulatorServer], AgentRuns]
MakeServer = Callable[..., EmulatorServer]


@pytest.fixture
def settled(make_server: MakeServer, agent_of: AgentOf) -> Callable[..., tuple[EmulatorServer, AgentRuns]]:
    """A Waldur with accounts on the sandbox, made by the agent from orders."""

    def settle(**world: Any) -> tuple[EmulatorServer, AgentRuns]:
        server = make_server(**{"creates": 2, "projects": 2, **world})
        agent = agent_of(server)
        assert agent.once().status == 0
        server.requests.clear()
        return server, agent

    return settle


def members(sandbox: SandboxCluster, account: str) -> set[str]:
    return {name for where, name in sandbox.members() if where == account}


Settled = Callable[..., tuple[EmulatorServer, AgentRuns]]


def test_in_step_nothing_is_changed_and_only_the_time_is_told(
    settled: Settled, sandbox: SandboxCluster, profile: Profile
) -> None:
    server, agent = settled()
    before = sandbox.everything()
    ended = agent.sync()
    assert ended.status == 0, ended.err
    assert sandbox.everything() == before
    told = writes(server)
    server.requests.clear()
    assert agent.sync().status == 0
    assert set(writes(server)) == {"refresh_last_sync"}
    # A server of 2024 takes no times: a process asks it once, or as often as it asks at the same time.
    fewest = 1 if "resources.refresh_last_sync" in profile.lacks else 2
    assert fewest <= len(writes(server)) <= 2
    assert len(told) >= fewest


def test_who_leaves_is_removed_and_who_comes_back_is_added(settled: Settled, sandbox: SandboxCluster) -> None:
    server, agent = settled()
    leave(server, "person0")
    ended = agent.sync()
    assert ended.status == 0, ended.err
    assert members(sandbox, "a_new-0") == {"user1", "user2"}
    plan = agent.run("plan", "-m", "membership_sync", "--json")
    assert (plan.status, plan.json["offerings"][0]["items"]) == (0, [])


def test_a_restricted_person_and_a_restricted_resource_lose_access_and_get_it_back(
    settled: Settled, sandbox: SandboxCluster
) -> None:
    server, agent = settled()
    offering, person = server.state.offering(), server.state.user("person1")
    account = server.state.account(offering, person)
    resource = server.state.resource("new-1")
    assert account is not None
    with server.state.lock:
        account.is_restricted = True
        resource.restrict_member_access = True
    assert agent.sync().status == 0
    assert members(sandbox, "a_new-0") == {"user0", "user2"}
    assert members(sandbox, "a_new-1") == set()
    with server.state.lock:
        account.is_restricted = False
        resource.restrict_member_access = False
    assert agent.sync().status == 0
    assert members(sandbox, "a_new-0") == members(sandbox, "a_new-1") == {"user0", "user1", "user2"}


def test_a_hand_made_member_survives_every_run(settled: Settled, sandbox: SandboxCluster) -> None:
    server, agent = settled()
    sandbox.add_member("a_new-0", "admin")
    for _ in range(2):
        assert agent.sync().status == 0
    leave(server, "person0")
    ended = agent.sync()
    assert members(sandbox, "a_new-0") == {"user1", "user2", "admin"}
    assert "a_new-0: admin" in ended.err


@pytest.mark.parametrize("flag", ["paused", "downscaled"])
def test_a_paused_or_downscaled_resource_is_so_on_the_cluster_and_back(
    settled: Settled, sandbox: SandboxCluster, flag: str
) -> None:
    server, agent = settled()
    resource = server.state.resource("new-0")
    with server.state.lock:
        setattr(resource, flag, True)
    assert agent.sync().status == 0
    assert sandbox.statuses()["a_new-0"] == flag
    with server.state.lock:
        setattr(resource, flag, False)
    assert agent.sync().status == 0
    assert sandbox.statuses()["a_new-0"] == "active"


def test_limits_changed_on_the_cluster_are_told_to_waldur_once(
    settled: Settled, sandbox: SandboxCluster, profile: Profile
) -> None:
    server, agent = settled()
    sandbox.set_limit("a_new-0", "gres/gpu", "1234")
    assert agent.sync().status == 0
    taken = "resources.set_limits" not in profile.lacks
    assert float(server.state.resource("new-0").limits["gres/gpu"]) == (20.57 if taken else 10)
    server.requests.clear()
    assert agent.sync().status == 0
    # Where Waldur cannot be told, the next process asks again, and once.
    assert writes(server).count("set_limits") == (0 if taken else 1)
    assert ("a_new-0", "gres/gpu", "1234") in sandbox.limits()


def test_an_erred_resource_is_ok_again_only_when_every_step_succeeded(
    settled: Settled, sandbox: SandboxCluster, profile: Profile
) -> None:
    server, agent = settled()
    with server.state.lock:
        for name in ("new-0", "new-1"):
            server.state.resource(name).state = "Erred"
    sandbox.remove_account("a_new-1")
    ended = agent.sync()
    assert ended.status == 1
    # Nobody can say so to a server of 2024; its operator can.
    mendable = "resources.set_as_ok" not in profile.lacks
    assert server.state.resource("new-0").state == ("OK" if mendable else "Erred")
    assert server.state.resource("new-1").state == "Erred"
    assert "a_new-1" in ended.err
    assert "does not exist" in ended.err


def test_a_vanished_account_is_made_again_only_when_asked_for(settled: Settled, sandbox: SandboxCluster) -> None:
    _, agent = settled()
    sandbox.remove_account("a_new-1")
    assert agent.sync().status == 1
    assert "a_new-1" not in sandbox.accounts()
    agent.write_config(recreate_missing_accounts=True)
    ended = agent.sync()
    assert ended.status == 0, ended.err
    assert sandbox.accounts()["a_new-1"] == "p_proj-1"
    assert members(sandbox, "a_new-1") == {"user0", "user1", "user2"}
    assert ("a_new-1", "gres/gpu", "660") in sandbox.limits()


DOUBTS = {
    "teams empty": Fault.model_validate({"kind": "status", "status": 200, "body": [], "path": "/team/"}),
    "teams 403": Fault.model_validate({"kind": "status", "status": 403, "body": {}, "path": "/team/"}),
    "teams 404": Fault.model_validate({"kind": "status", "status": 404, "body": {}, "path": "/team/"}),
    "teams 502": Fault.model_validate({"kind": "status", "status": 502, "path": "/team/"}),
    "teams dropped": Fault.model_validate({"kind": "drop-after", "path": "/team/"}),
    "teams cut": Fault.model_validate({"kind": "truncate", "path": "/team/"}),
    "teams no list": Fault.model_validate({"kind": "status", "status": 200, "body": {}, "path": "/team/"}),
    "users empty": Fault.model_validate({"kind": "status", "status": 200, "body": [], "path": "offering-users"}),
    "users 401": Fault.model_validate({"kind": "status", "status": 401, "body": {}, "path": "offering-users"}),
    "users 403": Fault.model_validate({"kind": "status", "status": 403, "body": {}, "path": "offering-users"}),
    "users 502": Fault.model_validate({"kind": "status", "status": 502, "path": "offering-users"}),
    "users half a page": Fault.model_validate({"kind": "short-page", "path": "offering-users"}),
    "users page empty": Fault.model_validate({"kind": "empty-page", "path": "offering-users"}),
    "users cut": Fault.model_validate({"kind": "truncate", "path": "offering-users"}),
    "resources 502": Fault.model_validate({"kind": "status", "status": 502, "path": "provider-resources/$"}),
    "resources half a page": Fault.model_validate({"kind": "short-page", "path": "provider-resources/$"}),
    "resources empty": Fault.model_validate({"kind": "empty-page", "path": "provider-resources/$"}),
}


@pytest.mark.parametrize("doubt", DOUBTS)
def test_doubt_removes_nobody(settled: Settled, sandbox: SandboxCluster, doubt: str) -> None:
    server, agent = settled()
    before = sandbox.members()
    server.faults.replace([DOUBTS[doubt]])
    ended = agent.sync()
    assert sandbox.members() == before
    assert ended.status == 1
    assert "Traceback" not in ended.err


def test_a_resource_that_makes_no_sense_takes_nobody_else_along(settled: Settled, sandbox: SandboxCluster) -> None:
    """Not even who shares its account, of which it might be the rightful one."""
    server, agent = settled(creates=3)
    with server.state.lock:
        odd, twin = server.state.resource("new-0"), server.state.resource("new-1")
        odd.limits, twin.backend_id = {"gres/gpu": 10**24}, odd.backend_id
    leave(server, "person0")
    for mode in ("membership_sync", "report"):
        troubles = agent.run("plan", "-m", mode, "--json").json["offerings"][0]["troubles"]
        assert f"resource {odd.uuid} makes no sense" in troubles[0]
        assert troubles[1:] == [f"resource {twin.uuid} shares a_new-0 with such a one"]
    ended = agent.sync()
    assert ended.status == 1
    assert f"resource {odd.uuid} makes no sense, and is left alone: the limit of 'gres/gpu'" in ended.err
    assert len(members(sandbox, "a_new-0")) == 3
    assert len(members(sandbox, "a_new-2")) == 2


def test_a_team_read_as_empty_is_released_by_name_only(settled: Settled, sandbox: SandboxCluster) -> None:
    server, agent = settled()
    server.faults.replace([DOUBTS["teams empty"]])
    plan = agent.run("plan", "-m", "membership_sync", "--json")
    assert plan.status == 4
    texts = [item["text"] for item in plan.json["offerings"][0]["items"] if item["held"]]
    assert ["read as empty" in text for text in texts] == [True, True], texts
    assert agent.run("apply", "-m", "membership_sync", "--allow-removals").status == 1
    assert len(sandbox.members()) == 6
    agent.run("apply", "-m", "membership_sync", "--allow-removals", "--account", "a_new-0")
    assert members(sandbox, "a_new-0") == set()
    assert len(members(sandbox, "a_new-1")) == 3


def test_too_many_leaving_are_held_shown_and_released(settled: Settled, sandbox: SandboxCluster) -> None:
    server, agent = settled(creates=1, projects=1, people=20)
    for number in range(8):
        leave(server, f"person{number}")
    sandbox.remove_member("a_new-0", "user19")
    plan = agent.run("plan", "-m", "membership_sync")
    assert plan.status == 4
    assert "removal_fuse.percent (30)" in plan.out
    ended = agent.sync()
    assert ended.status == 1
    assert "removals held back" in ended.err
    assert members(sandbox, "a_new-0") == {f"user{number}" for number in range(20)}
    done = agent.run("apply", "-m", "membership_sync", "--allow-removals")
    assert done.status == 0, done.err
    assert "remove_member" in done.out
    assert members(sandbox, "a_new-0") == {f"user{number}" for number in range(8, 20)}


def test_the_protected_stay(settled: Settled, sandbox: SandboxCluster) -> None:
    server, agent = settled()
    agent.write_config(protected_users=["user0"])
    leave(server, "person0")
    assert agent.sync().status == 0
    assert "user0" in members(sandbox, "a_new-0")
