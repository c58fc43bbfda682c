"""The agent as a service: when it says that it is ready, that it lives, and that it ends."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from services.agent_runs import AgentRuns, finished
from services.scripted_http import Asked, Reply, scripted
from waldur_agent.emulator.server import EmulatorServer

AgentOf = Callable[[EmulatorServer], AgentRuns]
MakeServer = Callable[..., EmulatorServer]

IDLE = {"WALDUR_SITE_AGENT_ORDER_PROCESS_PERIOD_MINUTES": "10"}


@contextmanager
def manager(tmp_path: Path) -> Iterator[tuple[socket.socket, dict[str, str]]]:
    """A socket such as systemd has, and the environment that names it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind(str(tmp_path / "notify"))
        channel.settimeout(60)
        yield channel, {"NOTIFY_SOCKET": str(tmp_path / "notify"), **IDLE}


def until(channel: socket.socket, word: str) -> list[str]:
    """What is heard, up to a message with ``word`` in it."""
    heard = [channel.recv(4096).decode()]
    while word not in heard[-1]:
        heard.append(channel.recv(4096).decode())
    return heard


def test_it_says_ready_then_what_it_did_lives_while_it_waits_and_says_stopping(
    tmp_path: Path, make_server: MakeServer, agent_of: AgentOf
) -> None:
    with manager(tmp_path) as (channel, environ):
        process = agent_of(make_server(creates=1)).start(
            "-m", "order_process", environ={**environ, "WATCHDOG_USEC": "600000"}
        )
        first, *rest = until(channel, "troubles")
        assert first == "READY=1\nSTATUS=order_process: 1 of 1 offerings are served"
        assert "WATCHDOG=1" in rest
        assert "done 1, troubles 0" in rest[-1]
        assert [until(channel, "WATCHDOG=1") for _ in range(3)]  # it waits ten minutes now
        process.send_signal(signal.SIGTERM)
        assert until(channel, "STOPPING=1")
        assert finished(process, 30).status == 0


def test_while_it_hangs_it_gives_no_sign_of_life(tmp_path: Path, make_server: MakeServer, agent_of: AgentOf) -> None:
    released, asked = threading.Event(), threading.Event()

    def hang(_: Asked) -> Reply:
        asked.set()
        released.wait(60)
        return Reply(body=[])

    agent = agent_of(make_server())
    with manager(tmp_path) as (channel, environ), scripted(hang) as script:
        agent.write_config(waldur_api_url=script.url)
        process = agent.start("-m", "order_process", environ={**environ, "WATCHDOG_USEC": "300000"})
        until(channel, "at work")
        assert asked.wait(60)
        channel.settimeout(1)  # more than three times what the watchdog allows
        with pytest.raises(TimeoutError):
            channel.recv(4096)
        released.set()
        channel.settimeout(60)
        until(channel, "WATCHDOG=1")
        process.send_signal(signal.SIGTERM)
        assert finished(process, 30).status == 0


def test_a_wrong_configuration_is_never_ready(tmp_path: Path, make_server: MakeServer, agent_of: AgentOf) -> None:
    agent = agent_of(make_server())
    agent.write_config(backend_typo="x")
    with manager(tmp_path) as (channel, environ):
        assert agent.run("-m", "order_process", environ=environ).status == 2
        channel.settimeout(0.1)
        with pytest.raises(TimeoutError):
            channel.recv(4096)
