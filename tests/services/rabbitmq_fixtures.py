"""Fixtures around a private, real RabbitMQ: one node for a test process, cleaned before each test that uses it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import stomp

from services.rabbitmq import Management, Node, Ports, missing_packages
from services.rabbitmq.node import ADMIN


@dataclass(frozen=True, slots=True)
class RealRabbit:
    """The broker seen by tests.

    Attributes:
        node: To be started, stopped, killed and paused; data and ports stay the same.
        management: To set up and look at, while the node runs.
    """

    node: Node
    management: Management

    @property
    def ports(self) -> Ports:
        """Where it listens. The WebSockets' paths are those that a Waldur's proxy shows."""
        return self.node.ports

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
    real = RealRabbit(rabbitmq_node, Management(rabbitmq_node))
    real.management.clean()
    begin = rabbitmq_node.log.stat().st_size
    yield real
    with rabbitmq_node.log.open("rb") as log:
        log.seek(begin)
        said = log.read()[-8000:].decode(errors="replace")
    # pytest shows it where the test failed, and only there.
    request.node.add_report_section("teardown", "rabbitmq", said)


__all__ = ["RealRabbit", "rabbitmq", "rabbitmq_node"]
