"""What systemd hears, on sockets as systemd has them."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from waldur_agent.service_manager import ServiceManager

Listen = Callable[[str], socket.socket]


@pytest.fixture
def listen() -> Iterator[Listen]:
    sockets = []

    def make(address: str) -> socket.socket:
        sockets.append(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        sockets[-1].bind(address)
        sockets[-1].settimeout(5)
        return sockets[-1]

    yield make
    for one in sockets:
        one.close()


def heard(channel: socket.socket) -> list[str]:
    """All that is waiting to be read."""
    channel.setblocking(False)
    texts = []
    while True:
        try:
            texts.append(channel.recv(4096).decode())
        except BlockingIOError:
            return texts


@pytest.mark.parametrize("kind", ["path", "abstract"])
def test_it_hears_ready_status_and_stopping(tmp_path: Path, listen: Listen, kind: str) -> None:
    name = str(tmp_path / "notify")
    channel = listen(name if kind == "path" else f"\0{name}")
    manager = ServiceManager({"NOTIFY_SOCKET": name if kind == "path" else f"@{name}"})
    manager.ready("order_process: 1 offering")
    manager.status("two\nlines")
    manager.alive()
    manager.stopping()
    assert heard(channel) == [
        "READY=1\nSTATUS=order_process: 1 offering",
        "STATUS=two lines",
        "STOPPING=1\nSTATUS=stopping",
    ]


def test_a_sign_of_life_is_given_where_somebody_watches_and_not_with_each_answer(
    tmp_path: Path, listen: Listen
) -> None:
    channel = listen(str(tmp_path / "notify"))
    environ = {
        "NOTIFY_SOCKET": str(tmp_path / "notify"),
        "WATCHDOG_USEC": "3600000000",
        "WATCHDOG_PID": str(os.getpid()),
    }
    manager = ServiceManager(environ)
    for _ in range(5):
        manager.alive()
    assert heard(channel) == ["WATCHDOG=1"]
    assert manager.watchdog_seconds == 3600


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"WATCHDOG_USEC": ""},
        {"WATCHDOG_USEC": "0"},
        {"WATCHDOG_USEC": "soon"},
        {"WATCHDOG_USEC": "1000", "WATCHDOG_PID": "1"},
    ],
)
def test_where_nobody_watches_this_process_there_is_no_watchdog(environ: dict[str, str]) -> None:
    assert ServiceManager(environ).watchdog_seconds is None


@pytest.mark.parametrize("name", ["", "/nowhere/notify", "@nobody-listens", "vsock:2:1234", "relative"])
def test_a_manager_that_does_not_listen_is_no_fault(name: str) -> None:
    ServiceManager({"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "1"}).ready("x")
    ServiceManager({"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "1"}).alive()
