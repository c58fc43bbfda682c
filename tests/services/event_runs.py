"""The agent in event mode, as a process that goes on until it is stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.agent_runs import AGENT, AgentRuns
from services.rabbitmq_fixtures import RealRabbit

GENERATIONS = [("per_agent", "stomp"), ("per_type", "stomp"), ("bare", "stomp"), ("bare", "mqtt")]
"""How servers tell of events, newest first, and what an agent speaks with each."""


@dataclass
class EventAgent:
    """One agent, started and stopped as often as a test wants. Its log is kept in a file."""

    runs: AgentRuns
    transport: str
    environ: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def configure(self, port: int, **keys: Any) -> EventAgent:
        """Point it at a broker without TLS."""
        transport = self.transport
        defaults = {f"{transport}_enabled": True, "websocket_use_tls": False, f"{transport}_ws_port": port}
        self.runs.write_config(**{**defaults, **keys})
        return self

    @property
    def _log(self) -> Path:
        return self.runs.folder / "agent.log"

    @property
    def log(self) -> str:
        """All that it said so far, over all its starts."""
        return self._log.read_text(encoding="utf-8") if self._log.exists() else ""

    @property
    def state(self) -> Path:
        """Where it remembers its subscriptions."""
        return self.runs.folder / "state"

    def start(self) -> EventAgent:
        """Start it and wait until it hears of events."""
        before = self.log.count(": connected to ")
        self.launch()
        self.wait_for(lambda: self.log.count(": connected to ") > before)
        return self

    def launch(self) -> subprocess.Popen[bytes]:
        """Start it, and wait for nothing."""
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [AGENT, "-v", "-m", "event_process", "-c", str(self.runs.folder / "config.yaml")],
                env={**os.environ, "STATE_DIRECTORY": str(self.state), **self.runs.environ, **self.environ},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self.process

    def wait_for(self, what: Callable[[], object], seconds: float = 60) -> None:
        """Wait until something has happened, as long as the agent lives."""
        end = time.monotonic() + seconds
        while not what():
            assert self.process is None or self.process.poll() is None, f"it ended: {self.log[-3000:]}"
            assert time.monotonic() < end, f"it did not happen: {self.log[-3000:]}"
            time.sleep(0.02)

    def end(self, number: signal.Signals = signal.SIGTERM, seconds: float = 5) -> int:
        """Ask it to end; gives its exit status."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(seconds)

    def in_use(self) -> tuple[int, int]:
        """Threads and file descriptors of the process."""
        assert self.process is not None
        place = Path("/proc") / str(self.process.pid)
        return len(list((place / "task").iterdir())), len(list((place / "fd").iterdir()))

    def memory_kib(self) -> int:
        """What it holds in memory."""
        assert self.process is not None
        status = (Path("/proc") / str(self.process.pid) / "status").read_text()
        (line,) = [line for line in status.splitlines() if line.startswith("VmRSS")]
        return int(line.split()[1])


@contextmanager
def event_agent(runs: AgentRuns, transport: str, rabbitmq: RealRabbit, **keys: Any) -> Iterator[EventAgent]:
    """An agent at that broker, not started yet; killed at the end."""
    port = rabbitmq.ports.mqtt_ws if transport == "mqtt" else rabbitmq.ports.stomp_ws
    agent = EventAgent(runs, transport).configure(port, **keys)
    try:
        yield agent
    finally:
        if agent.process is not None:
            agent.process.kill()
            agent.process.wait()
