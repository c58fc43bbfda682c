"""Killed, stopped, started again: every order is carried out once."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable

import pytest
from services.agent_runs import AgentRuns, finished, kill, order_states
from services.generations import EVERY_SERVER
from services.sandbox_cluster import SandboxCluster
from waldur_agent.emulator.faults import Fault
from waldur_agent.emulator.server import EmulatorServer

pytestmark = EVERY_SERVER

AgentOf = Callable[[EmulatorServer], AgentRuns]
MakeServer = Callable[..., EmulatorServer]


def wait_for(what: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def stuck(server: EmulatorServer, nth: int) -> Fault:
    """The nth write waits in the server, so that the agent can be killed just there."""
    fault = Fault(kind="latency", seconds=60, method="POST", nth=nth)
    server.faults.replace([fault])
    return fault


def is_stuck(server: EmulatorServer) -> bool:
    return any(rule["hit"] for rule in server.faults.report())


def test_killed_at_any_write_the_next_start_finishes_everything_once(
    make_server: MakeServer, agent_of: AgentOf, sandbox: SandboxCluster
) -> None:
    """The kill before a write is also the kill after the one before it. Each time there are two more orders."""
    server = make_server(creates=40)
    agent = agent_of(server)
    with server.state.lock:
        orders = sorted(server.state.orders.values(), key=lambda order: order.created)
        for order in orders:
            order.state = "pending-consumer"
    for nth in range(1, 10):
        with server.state.lock:
            for order in orders[2 * nth - 2 : 2 * nth]:
                order.state = "pending-provider"
        stuck(server, nth)
        process = agent.start("-m", "order_process", "--once")
        wait_for(lambda running=process: is_stuck(server) or running.poll() is not None)  # type: ignore[misc]
        if process.poll() is not None:
            finished(process)
            break
        kill(process)
        server.faults.clear()
        ended = agent.once()
        assert ended.status == 0, ended.err
        assert order_states(server)[: 2 * nth] == ["done"] * (2 * nth)
        assert len([name for name in sandbox.accounts() if name.startswith("a_")]) == 2 * nth
        assert len(sandbox.members()) == 6 * nth
    assert nth > 6, "two orders are at least an approval, an id and a done each"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_end_while_waldur_hangs_it_ends_within_five_seconds(
    make_server: MakeServer, agent_of: AgentOf, number: signal.Signals
) -> None:
    server = make_server(creates=1)
    stuck(server, 1)
    agent = agent_of(server)
    process = agent.start("-m", "order_process", "--once")
    wait_for(lambda: is_stuck(server))
    process.send_signal(number)
    ended = finished(process, 5)
    assert ended.status == 1
    assert "left to finish on its own" in ended.err
    server.faults.clear()
    assert agent.once().status == 0
    assert order_states(server) == ["done"]


def test_the_loop_starts_at_once_comes_back_and_ends_well_when_asked(
    make_server: MakeServer, agent_of: AgentOf
) -> None:
    server = make_server(creates=1)
    period = {"WALDUR_SITE_AGENT_ORDER_PROCESS_PERIOD_MINUTES": "0.005"}
    process = agent_of(server).start("-m", "order_process", environ=period)
    wait_for(lambda: order_states(server) == ["done"])
    server.requests.clear()
    wait_for(lambda: len(server.requests.all()) >= 2)
    process.send_signal(signal.SIGTERM)
    ended = finished(process, 5)
    assert ended.status == 0
    assert "Stopped as asked" in ended.err


def test_the_loop_survives_a_server_that_goes_and_comes(make_server: MakeServer, agent_of: AgentOf) -> None:
    server = make_server([Fault(kind="status", status=502)], creates=1)
    period = {"WALDUR_SITE_AGENT_ORDER_PROCESS_PERIOD_MINUTES": "0.001"}
    process: subprocess.Popen[str] = agent_of(server).start("-m", "order_process", environ=period)
    wait_for(lambda: len(server.requests.all()) >= 6)
    server.faults.clear()
    wait_for(lambda: order_states(server) == ["done"])
    process.send_signal(signal.SIGTERM)
    assert finished(process, 5).status == 0
