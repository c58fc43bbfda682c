"""Members on a real Slurm: the associations, the number of commands, jobs, default accounts and QoS."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from services.agent_runs import AgentRuns, join, leave
from services.slurm_commands import Fault, SlurmCommands
from services.slurm_fixtures import RealSlurm
from waldur_agent.emulator.faults import Fault as WaldurFault
from waldur_agent.emulator.records import UserLimit
from waldur_agent.emulator.server import EmulatorServer

MakeServer = Callable[..., EmulatorServer]
SlurmAgent = Callable[[EmulatorServer], AgentRuns]


def make_accounts(slurm: RealSlurm, count: int) -> None:
    """Empty accounts, as the resources ``old-0``, … of the world carry them."""
    names = ",".join(f"a_old-{number}" for number in range(count))
    slurm.sacctmgr("add", "account", "name=c_uni", f"cluster={slurm.name}")
    slurm.sacctmgr("add", "account", f"name={names}", "parent=c_uni", f"cluster={slurm.name}")
    slurm.sacctmgr("modify", "account", f"name={names}", "set", "GrpTRESMins=gres/gpu=300")


def by_program(commands: SlurmCommands, program: str) -> int:
    return len(commands.calls(program))


def test_twenty_by_twenty_from_nothing_then_one_leaves_and_one_comes(
    make_server: MakeServer, slurm_agent: SlurmAgent, slurm: RealSlurm, slurm_commands: SlurmCommands
) -> None:
    server = make_server(existing=20, people=20, projects=4)
    make_accounts(slurm, 20)
    agent = slurm_agent(server)
    ended = agent.sync()
    assert ended.status == 0, ended.err
    everybody = {f"user{number}" for number in range(20)}
    assert slurm.members() == {f"a_old-{number}": everybody for number in range(20)}
    assert by_program(slurm_commands, "sacctmgr") <= 12

    slurm_commands.forget()
    assert agent.sync().status == 0
    assert len(slurm_commands.calls()) <= 2
    assert slurm_commands.writes == []

    leave(server, "person7")
    slurm_commands.forget()
    ended = agent.sync()
    assert ended.status == 0, ended.err
    assert by_program(slurm_commands, "sacctmgr") <= 6
    assert slurm.members() == {f"a_old-{number}": everybody - {"user7"} for number in range(20)}
    assert "user7" not in slurm.users()

    with server.state.lock:
        offering = server.state.offering()
        for number in range(4):
            join(server, "person7", f"Project {number}")
        restricted = server.state.account(offering, server.state.user("person8"))
        assert restricted is not None
        restricted.is_restricted = True
    assert agent.sync().status == 0
    assert slurm.members() == {f"a_old-{number}": everybody - {"user8"} for number in range(20)}


def test_two_hundred_come_and_go_with_few_commands(
    make_server: MakeServer, slurm_agent: SlurmAgent, slurm: RealSlurm, slurm_commands: SlurmCommands
) -> None:
    server = make_server(existing=1, people=201, projects=1)
    make_accounts(slurm, 1)
    agent = slurm_agent(server)
    assert agent.sync().status == 0
    assert len(slurm_commands.calls()) <= 4
    assert len(slurm.members()["a_old-0"]) == 201

    leave(server, *(f"person{number}" for number in range(200)))
    slurm_commands.forget()
    held = agent.sync()
    assert held.status == 1
    assert "removal_fuse.members (40)" in held.err
    assert slurm_commands.writes == []
    agent.write_config(removal_fuse={"members": 500, "percent": 100})
    slurm_commands.forget()
    ended = agent.sync()
    assert ended.status == 0, ended.err
    assert len(slurm_commands.calls()) <= 6
    assert slurm.members()["a_old-0"] == {"user200"}


def test_the_default_account_moves_first_and_neighbours_keep_theirs(
    make_server: MakeServer, slurm_agent: SlurmAgent, slurm: RealSlurm
) -> None:
    server = make_server(existing=2, people=3, projects=2)
    make_accounts(slurm, 2)
    slurm.sacctmgr("add", "account", "name=theirs", f"cluster={slurm.name}")
    agent = slurm_agent(server)
    assert agent.sync().status == 0
    slurm.sacctmgr("add", "user", "name=user0,byhand", "account=theirs", f"cluster={slurm.name}")
    slurm.sacctmgr("add", "user", "name=byhand", "account=a_old-0", f"cluster={slurm.name}")
    assert slurm.users()["user0"] == "a_old-0"
    leave(server, "person0")
    ended = agent.sync()
    assert ended.status == 0, ended.err
    assert slurm.users()["user0"] == "theirs"
    assert slurm.members() == {
        "a_old-0": {"user1", "user2", "byhand"},
        "a_old-1": {"user1", "user2"},
        "theirs": {"user0", "byhand"},
    }


def test_jobs_of_who_leaves_end_and_nobody_elses(
    make_server: MakeServer, slurm_agent: SlurmAgent, slurm: RealSlurm, slurm_commands: SlurmCommands
) -> None:
    server = make_server(existing=2, people=2, projects=2)
    make_accounts(slurm, 2)
    with server.state.lock:
        account = server.state.account(server.state.offering(), server.state.user("person0"))
        assert account is not None
        account.username = "root"
    agent = slurm_agent(server)
    assert agent.sync().status == 0
    doomed, kept = slurm.submit("a_old-0"), slurm.submit("root")
    slurm.wait_until_running(doomed)
    leave(server, "person0")
    slurm_commands.forget()
    ended = agent.sync()
    assert ended.status == 0, ended.err
    assert doomed not in slurm.jobs()
    assert kept in slurm.jobs()
    assert all("root" not in users for users in slurm.members().values())
    assert len(slurm_commands.calls()) <= 8


@pytest.mark.parametrize(("flag", "qos"), [("paused", "paused"), ("downscaled", "limited")])
def test_a_paused_project_is_paused_and_restored(
    make_server: MakeServer, slurm_agent: SlurmAgent, slurm: RealSlurm, flag: str, qos: str
) -> None:
    server = make_server(existing=2, people=1, projects=1)
    make_accounts(slurm, 2)
    slurm.add_qos(qos)
    agent = slurm_agent(server)
    with server.state.lock:
        setattr(server.state.resource("old-0"), flag, True)
    assert agent.sync().status == 0
    assert {name: it.qos for name, it in slurm.accounts().items()} == {
        "c_uni": "normal",
        "a_old-0": qos,
        "a_old-1": "normal",
    }
    with server.state.lock:
        setattr(server.state.resource("old-0"), flag, False)
    assert agent.sync().status == 0
    assert slurm.accounts()["a_old-0"].qos == "normal"
    assert agent.sync().status == 0
    assert server.state.resource("old-0").backend_metadata["qos"] == "normal"


def test_a_qos_that_is_not_there_is_told_and_changes_nothing(
    make_server: MakeServer, slurm_agent: SlurmAgent, slurm: RealSlurm
) -> None:
    server = make_server(existing=1, people=1, projects=1)
    make_accounts(slurm, 1)
    with server.state.lock:
        server.state.resource("old-0").paused = True
    agent = slurm_agent(server)
    agent.write_config(backend_settings={**agent.settings, "qos_paused": "never-made"})
    ended = agent.sync()
    assert ended.status == 1
    assert "never-made" in ended.err
    assert slurm.accounts()["a_old-0"].qos == "normal"
    assert server.state.resource("old-0").state == "OK"


def fault(kind: str, path: str, **more: object) -> WaldurFault:
    return WaldurFault.model_validate({"kind": kind, "path": path, **more})


DOUBTS: dict[str, Fault | WaldurFault] = {
    "cluster cut": Fault(program="sacctmgr", match="list assoc", keep=200, once=False),
    "cluster cut at a line's end": Fault(program="sacctmgr", match="list assoc", keep=27, once=False),
    "cluster empty": Fault(program="sacctmgr", match="list assoc", output="", once=False),
    "cluster garbage": Fault(program="sacctmgr", match="list assoc", output="segmentation fault\n", once=False),
    "cluster refused": Fault(program="sacctmgr", match="list assoc", status=1, output="", once=False),
    "teams empty": fault("status", "/team/", status=200, body=[]),
    "teams 403": fault("status", "/team/", status=403, body={}),
    "teams 404": fault("status", "/team/", status=404, body={}),
    "teams 502": fault("status", "/team/", status=502),
    "teams cut": fault("truncate", "/team/"),
    "teams dropped": fault("drop-after", "/team/"),
    "users empty": fault("status", "offering-users", status=200, body=[]),
    "users 403": fault("status", "offering-users", status=403, body={}),
    "users 502": fault("status", "offering-users", status=502),
    "users half a page": fault("short-page", "offering-users"),
    "users page empty": fault("empty-page", "offering-users"),
    "resources half a page": fault("short-page", "provider-resources/$"),
    "resources 401": fault("status", "provider-resources/$", status=401, body={}),
}


def test_on_doubt_no_command_removes_or_cancels(
    make_server: MakeServer, slurm_agent: SlurmAgent, slurm: RealSlurm, slurm_commands: SlurmCommands
) -> None:
    server = make_server(existing=1, people=3, projects=1)
    make_accounts(slurm, 1)
    agent = slurm_agent(server)
    assert agent.sync().status == 0
    before = slurm.members()
    leave(server, "person0")
    for doubt, what in DOUBTS.items():
        if isinstance(what, WaldurFault):
            server.faults.replace([what])
        else:
            slurm_commands.inject(what)
        slurm_commands.forget()
        ended = agent.sync()
        slurm_commands.heal()
        server.faults.clear()
        assert ended.status == 1, doubt
        assert slurm_commands.writes == [], doubt
        assert slurm_commands.calls("scancel") == [], doubt
    assert slurm.members() == before
    assert agent.sync().status == 0
    assert slurm.members() == {"a_old-0": {"user1", "user2"}}


def test_members_own_limits_are_set_changed_and_freed(
    make_server: MakeServer, slurm_agent: SlurmAgent, slurm: RealSlurm, slurm_commands: SlurmCommands
) -> None:
    server = make_server(existing=1, people=2, projects=1)
    make_accounts(slurm, 1)
    agent = slurm_agent(server)
    offering, resource = server.state.offering(), server.state.resource("old-0")
    component = offering.components["gres/gpu"]
    person = server.state.account(offering, server.state.user("person0"))
    assert person is not None
    limit = UserLimit(server.state.new_uuid("limit"), resource, component, person, Decimal("1.5"))

    def limits() -> dict[str, str]:
        return {one.user: one.limits for one in slurm.associations() if one.account == "a_old-0" and one.user}

    with server.state.lock:
        server.state.user_limits[limit.uuid] = limit
    # Only a member has limits of his own, so the first cycle adds and the same one limits.
    assert agent.sync().status == 0
    assert limits() == {"user0": "gres/gpu=90", "user1": ""}
    slurm_commands.forget()
    assert agent.sync().status == 0
    assert slurm_commands.writes == []
    with server.state.lock:
        limit.limit = Decimal(2)
    assert agent.sync().status == 0
    assert limits()["user0"] == "gres/gpu=120"
    with server.state.lock:
        del server.state.user_limits[limit.uuid]
    assert agent.sync().status == 0
    assert limits() == {"user0": "", "user1": ""}
