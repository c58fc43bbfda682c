"""Events on a real Slurm."""

from __future__ import annotations

from collections.abc import Callable

from services.agent_runs import AgentRuns, join, leave, order_states
from services.event_runs import event_agent
from services.rabbitmq_fixtures import RealRabbit
from services.slurm_commands import SlurmCommands
from services.slurm_fixtures import RealSlurm
from waldur_agent.emulator.rules.orders import order_update
from waldur_agent.emulator.server import EmulatorServer

MakeServer = Callable[..., EmulatorServer]


def test_orders_roles_and_flags_reach_slurm_with_few_commands(
    make_server: MakeServer,
    slurm_agent: Callable[[EmulatorServer], AgentRuns],
    slurm: RealSlurm,
    slurm_commands: SlurmCommands,
    rabbitmq: RealRabbit,
) -> None:
    server = make_server(broker=rabbitmq.broker(), creates=3, projects=1)
    slurm.add_qos("paused", "limited")
    state = server.state
    with event_agent(slurm_agent(server), "stomp", rabbitmq) as agent:
        agent.start()
        agent.wait_for(lambda: order_states(server) == ["done"] * 3)
        agent.wait_for(lambda: agent.log.count("refresh_last_sync/ -> 200") >= 6)
        assert slurm.members() == {f"a_new-{number}": {"user0", "user1", "user2"} for number in range(3)}

        slurm_commands.forget()
        with state.lock:
            for number in range(3):
                order_update(
                    state, state.resource(f"new-{number}"), state.user("person1"), {"gres/gpu": 100 + number}
                )
        agent.wait_for(lambda: order_states(server) == ["done"] * 6)
        assert [slurm.limits(f"a_new-{number}") for number in range(3)] == [
            f"gres/gpu={60 * (100 + number)}" for number in range(3)
        ]
        # What waits while one order is worked on is one batch.
        assert len(slurm_commands.writes) <= 2

        leave(server, "person0")
        agent.wait_for(lambda: slurm.members() == {f"a_new-{number}": {"user1", "user2"} for number in range(3)})
        join(server, "person0", "Project 0")
        agent.wait_for(lambda: "user0" in slurm.members()["a_new-2"])
        with state.lock:
            state.resource("new-1").paused = True
        agent.wait_for(lambda: slurm.accounts()["a_new-1"].qos == "paused")
        assert slurm.accounts()["a_new-0"].qos != "paused"
        assert agent.end() == 0
