"""Orders on a real Slurm: the accounts, the number of commands, and what happens when something dies."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from services.agent_runs import AgentRuns, finished, order_states
from services.slurm_commands import Fault, SlurmCommands
from services.slurm_fixtures import RealSlurm
from waldur_agent.emulator.rules.orders import order_termination, order_update
from waldur_agent.emulator.server import EmulatorServer

MakeServer = Callable[..., EmulatorServer]
MOST_COMMANDS = 20


def sacctmgr_calls(commands: SlurmCommands) -> int:
    return len([call for call in commands.calls() if call.program == "sacctmgr"])


def written(commands: SlurmCommands) -> list[str]:
    return [" ".join(call.arguments) for call in commands.calls() if call.writes]


def test_fifty_orders_of_each_kind_take_few_commands_and_are_done_once(
    make_server: MakeServer,
    slurm_agent: Callable[[EmulatorServer], AgentRuns],
    slurm: RealSlurm,
    slurm_commands: SlurmCommands,
) -> None:
    server = make_server(creates=50)
    agent = slurm_agent(server)
    ended = agent.once()
    assert ended.status == 0, ended.err
    assert order_states(server) == ["done"] * 50
    assert sacctmgr_calls(slurm_commands) <= MOST_COMMANDS
    accounts = slurm.accounts()
    for number in range(50):
        account = accounts[f"a_new-{number}"]
        assert (account.parent, account.limits) == (f"p_proj-{number % 5}", f"gres/gpu={(10 + number) * 60}")
        assert slurm.members()[account.account] == {"user0", "user1", "user2"}
        assert server.state.resource(f"new-{number}").backend_id == f"a_new-{number}"
    assert {name: accounts[name].parent for name in accounts if name[:2] != "a_"} == {
        "c_uni": "root",
        **{f"p_proj-{number}": "c_uni" for number in range(5)},
    }

    slurm_commands.forget()
    assert agent.once().status == 0
    assert written(slurm_commands) == []

    person = server.state.user("person0")
    with server.state.lock:
        for number in range(50):
            order_update(server.state, server.state.resource(f"new-{number}"), person, {"gres/gpu": 500 + number})
    slurm_commands.forget()
    assert agent.once().status == 0
    assert sacctmgr_calls(slurm_commands) <= MOST_COMMANDS
    accounts = slurm.accounts()
    assert all(accounts[f"a_new-{number}"].limits == f"gres/gpu={(500 + number) * 60}" for number in range(50))

    slurm.sacctmgr("add", "account", "name=theirs", "parent=p_proj-0", f"cluster={slurm.name}")
    slurm.sacctmgr("add", "account", "name=beside", f"cluster={slurm.name}")
    slurm.sacctmgr("add", "user", "name=user0", "account=beside", f"cluster={slurm.name}")
    with server.state.lock:
        for number in range(50):
            order_termination(server.state, server.state.resource(f"new-{number}"), person)
    slurm_commands.forget()
    ended = agent.once()
    assert ended.status == 0, ended.err
    assert sacctmgr_calls(slurm_commands) <= MOST_COMMANDS
    assert {name: it.parent for name, it in slurm.accounts().items()} == {
        "c_uni": "root",
        "p_proj-0": "c_uni",
        "theirs": "p_proj-0",
        "beside": "root",
    }
    assert slurm.members() == {"beside": {"user0"}}
    assert slurm.users()["user0"] == "beside"
    assert order_states(server) == ["done"] * 150


@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_around_any_write_the_next_start_finishes_everything_once(
    make_server: MakeServer,
    slurm_agent: Callable[[EmulatorServer], AgentRuns],
    slurm: RealSlurm,
    slurm_commands: SlurmCommands,
    moment: str,
) -> None:
    server = make_server(creates=2, projects=1)
    agent = slurm_agent(server)
    slurm_commands.inject(Fault(program="sacctmgr", match="load", kill=moment))
    assert agent.once().status == -9
    assert order_states(server) == ["executing"] * 2
    ended = agent.once()
    assert ended.status == 0, ended.err
    assert order_states(server) == ["done"] * 2
    assert set(slurm.accounts()) == {"c_uni", "p_proj-0", "a_new-0", "a_new-1"}

    person = server.state.user("person0")
    with server.state.lock:
        for number in range(2):
            order_termination(server.state, server.state.resource(f"new-{number}"), person)
    kills = 0
    # Each start is killed one write later than the last, until one of them gets through.
    while True:
        slurm_commands.heal()
        slurm_commands.inject(Fault(program="sacctmgr", match="-i ", skip=kills, kill=moment))
        ended = agent.once()
        if ended.status != -9:
            break
        kills += 1
        assert kills < 10
    assert kills >= 1
    slurm_commands.heal()
    assert ended.status == 0, ended.err
    assert order_states(server) == ["done"] * 4
    assert set(slurm.accounts()) == {"c_uni"}
    assert slurm.members() == {}


def test_a_cluster_that_does_not_answer_leaves_orders_as_they_are(
    make_server: MakeServer, slurm_agent: Callable[[EmulatorServer], AgentRuns], slurm: RealSlurm
) -> None:
    server = make_server(creates=2)
    agent = slurm_agent(server)
    slurm.stop("slurmdbd")
    try:
        ended = agent.once()
        planned = agent.plan()
    finally:
        slurm.start()
    assert (ended.status, planned.status) == (1, 1)
    assert order_states(server) == ["pending-provider"] * 2
    (line,) = [line for line in ended.err.splitlines() if " ERROR " in line]
    assert "sacctmgr" in line
    assert "refused" in line.lower()
    assert agent.once().status == 0
    assert order_states(server) == ["done"] * 2


def test_stopped_while_a_command_runs_the_command_finishes_and_the_next_start_reads_it_back(
    make_server: MakeServer,
    slurm_agent: Callable[[EmulatorServer], AgentRuns],
    slurm: RealSlurm,
    slurm_commands: SlurmCommands,
) -> None:
    server = make_server(creates=1)
    agent = slurm_agent(server)
    slurm_commands.inject(Fault(program="sacctmgr", match="load", sleep=6))
    process = agent.start("-m", "order_process", "--once")
    end = time.monotonic() + 60
    while not written(slurm_commands):
        assert time.monotonic() < end
        time.sleep(0.05)
    began = time.monotonic()
    process.terminate()
    ended = finished(process, 20)
    assert time.monotonic() - began < 5
    assert ended.status == 1
    assert order_states(server) == ["executing"]
    while "a_new-0" not in slurm.accounts():
        assert time.monotonic() < end, "the command did not finish on its own"
        time.sleep(0.2)
    slurm_commands.forget()
    assert agent.once().status == 0
    assert order_states(server) == ["done"]
    assert written(slurm_commands) == []


def test_a_plan_runs_no_write(
    make_server: MakeServer,
    slurm_agent: Callable[[EmulatorServer], AgentRuns],
    slurm: RealSlurm,
    slurm_commands: SlurmCommands,
) -> None:
    server = make_server(creates=2)
    ended = slurm_agent(server).plan("--json")
    assert ended.status == 3
    assert written(slurm_commands) == []
    assert slurm.accounts() == {}
    commands = "\n".join(ended.json["offerings"][0]["commands"])
    assert "sacctmgr" in commands
    assert "a_new-1" in commands
