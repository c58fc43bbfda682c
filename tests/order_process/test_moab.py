"""Orders on MOAB: deposits made once, members, termination; and killed at every command, the sum still right."""

from __future__ import annotations

from collections.abc import Callable

from services.agent_runs import AgentRuns, join, leave, order_states
from services.mam import Fault, Mam
from waldur_agent.emulator.rules.orders import order_termination, order_update
from waldur_agent.emulator.server import EmulatorServer

MakeServer = Callable[..., EmulatorServer]
MoabAgent = Callable[[EmulatorServer], AgentRuns]
MOST_WRITES = 20


def update(server: EmulatorServer, deposit: int, slug: str = "climate") -> None:
    with server.state.lock:
        order_update(server.state, server.state.resource(slug), server.state.user("jane"), {"deposit": deposit})


def terminate(server: EmulatorServer, slug: str = "climate") -> None:
    with server.state.lock:
        order_termination(server.state, server.state.resource(slug), server.state.user("jane"))


def until_it_gets_through(agent: AgentRuns, mam: Mam) -> int:
    """Start again and again, each start killed one write later than the last; gives how many were killed."""
    for kills in range(MOST_WRITES):
        mam.heal()
        mam.inject(Fault(kill="after", skip=kills, writes=True))
        ended = agent.once()
        mam.heal()
        if ended.status != -9:
            assert ended.status == 0, ended.err
            return kills
    raise AssertionError("no end of commands")


def test_the_whole_life_of_a_resource(make_moab_server: MakeServer, moab_agent: MoabAgent, mam: Mam) -> None:
    mam.add_users("jdoe", "asmith")
    server = make_moab_server()
    agent = moab_agent(server)
    ended = agent.once()
    assert ended.status == 0, ended.err
    assert order_states(server) == ["done"]
    assert server.state.resource("climate").backend_id == "a_climate"
    assert mam.accounts() == {"p_ocean": "p_ocean", "a_climate": "p_ocean"}
    assert mam.members("a_climate") == {"jdoe", "asmith"}
    assert mam.deposits("a_climate") == [100]
    resource = server.state.resource("climate").uuid
    assert mam.description("a_climate") == f"climate (waldur {resource})"

    mam.deposit("a_climate", "30")
    update(server, 150)
    assert agent.once().status == 0
    assert mam.deposits("a_climate") == [100, 30, 50]

    leave(server, "ann")
    assert agent.sync().status == 0
    assert mam.members("a_climate") == {"jdoe"}
    join(server, "ann", "Ocean")
    assert agent.sync().status == 0
    assert mam.members("a_climate") == {"jdoe", "asmith"}

    update(server, 120)
    ended = agent.once()
    assert ended.status == 0
    assert "nothing is taken back" in ended.err
    update(server, 200)
    assert agent.once().status == 0
    assert mam.deposits("a_climate") == [100, 30, 50, 50]

    terminate(server)
    ended = agent.once()
    assert ended.status == 0, ended.err
    assert (mam.accounts(), mam.funds()) == ({}, [])
    assert order_states(server) == ["done"] * 5
    found = [call.program for call in mam.calls]
    assert found.index("mam-list-funds") < found.index("mam-delete-account")


def test_killed_after_every_write_the_sum_of_deposits_is_right(
    make_moab_server: MakeServer, moab_agent: MoabAgent, mam: Mam
) -> None:
    mam.add_users("jdoe", "asmith")
    server = make_moab_server()
    agent = moab_agent(server)
    assert until_it_gets_through(agent, mam) > 2
    assert mam.deposits("a_climate") == [100]
    assert mam.accounts() == {"p_ocean": "p_ocean", "a_climate": "p_ocean"}
    assert mam.members("a_climate") == {"jdoe", "asmith"}

    mam.deposit("a_climate", "30")
    update(server, 150)
    assert until_it_gets_through(agent, mam) == 1
    assert mam.deposits("a_climate") == [100, 30, 50]

    terminate(server)
    assert until_it_gets_through(agent, mam) > 1
    assert (mam.accounts(), mam.funds()) == ({}, [])
    assert order_states(server) == ["done"] * 3
