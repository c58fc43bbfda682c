"""Fixtures around a private, real RabbitMQ: one node for a test process, cleaned before each test that uses it."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import stomp
from waldur_agent.emulator.events.feed import Broker

from services.rabbitmq import Management, Node, Ports, missing_packages
from services.rabbitmq.node import ADMIN


@dataclass(frozen=True, slots=True)
class RealRabbit:
    """The broker seen by tests.

    Attributes:
        node: To be started, stopped, killed and paused; data and ports stay the same.
        management: To set up and look at, while the node runs.
        begin: Where the node's log ended before the test.
    """

    node: Node
    management: Management
    begin: int

    @property
    def said(self) -> str:
        """What the node has logged since the test began."""
        with self.node.log.open("rb") as log:
            log.seek(self.begin)
            return log.read().decode(errors="replace")

    @property
    def ports(self) -> Ports:
        """Where it listens. The WebSockets' paths are those that a Waldur's proxy shows."""
        return self.node.ports

    def broker(self, delay: float = 0) -> Broker:
        """What an emulated Waldur needs to send its events here."""
        return Broker(f"http://{ADMIN}:{self.node.password}@127.0.0.1:{self.ports.management}", delay)

    def flood(self, vhost: str, queue: str, payloads: Iterable[object]) -> int:
        """Send many messages to a queue in one go, quicker than by the management API; gives how many."""
        connection = stomp.Connection12([("127.0.0.1", self.ports.stomp)], vhost=vhost)
        connection.connect(ADMIN, self.node.password, wait=True)
        sent = 0
        for payload in payloads:
            text = payload if isinstance(payload, str) else json.dumps(payload)
            connection.send(f"/amq/queue/{queue}", text, content_type="application/json")
            sent += 1
        connection.disconnect(receipt="all")  # comes when the broker has everything that went before
        return sent


def eventually(holds: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until something is true."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not true after {seconds} s"
        time.sleep(0.05)


@pytest.fixture(scope="session")
def rabbitmq_node() -> Iterator[Node]:
    """A running node of this test process. Fails, with what to install, where RabbitMQ is missing."""
    if missing := missing_packages():
        hint = f"apt-get install --yes --no-install-recommends {' '.join(missing)}"
        pytest.fail(f"RabbitMQ is not installed; run: {hint}", pytrace=False)
    with tempfile.TemporaryDirectory(prefix="rabbitmq-", ignore_cleanup_errors=True) as directory:
        node = Node(Path(directory) / "node")
        try:
            node.start()
            yield node
        finally:
            node.close()


@pytest.fixture
def rabbitmq(rabbitmq_node: Node, request: pytest.FixtureRequest) -> Iterator[RealRabbit]:
    """The broker, running, with nothing in it; what it said during a test that fails is shown."""
    rabbitmq_node.resume()
    rabbitmq_node.start()
    management = Management(rabbitmq_node)
    management.clean()
    real = RealRabbit(rabbitmq_node, management, rabbitmq_node.log.stat().st_size)
    yield real
    # pytest shows it where the test failed, and only there.
    request.node.add_report_section("teardown", "rabbitmq", real.said[-3000:])


__all__ = ["RealRabbit", "eventually", "rabbitmq", "rabbitmq_node"]
