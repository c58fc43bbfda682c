"""Running the agent as a process of its own against an emulated Waldur, as an admin would."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from waldur_agent.emulator.records import Role
from waldur_agent.emulator.server import EmulatorServer

from services import prepared_agent

AGENT = str(Path(sys.executable).with_name("waldur-agent"))

COMPONENTS: dict[str, dict[str, Any]] = {
    "cpu": {"measured_unit": "k-Hours", "unit_factor": 60000, "accounting_type": "usage", "label": "CPU"},
    "gres/gpu": {"measured_unit": "GPU-Hours", "unit_factor": 60, "accounting_type": "limit", "label": "GPU"},
}


@dataclass(frozen=True)
class Ended:
    """How a run ended. Standard error is the log."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, decoded."""
        return json.loads(self.out)


@dataclass
class AgentRuns:
    """The agent with one configuration file.

    Args:
        folder: Where the configuration goes.
        server: The Waldur.
        backend: The plugin.
        settings: ``backend_settings``.
        environ: Added to the environment of each run.
        program: The agent's command, where just that is to be run; empty for this environment's, prepared where it
            makes no difference (see :mod:`services.prepared_agent`).
    """

    folder: Path
    server: EmulatorServer
    backend: str
    settings: Mapping[str, Any]
    environ: dict[str, str] = field(default_factory=dict)
    components: Mapping[str, Any] = field(default_factory=lambda: COMPONENTS)
    program: str = ""

    def write_config(self, **changed: Any) -> Path:
        """The configuration, with keys of the offering added or replaced."""
        offering = {
            "name": "HPC cluster",
            "waldur_api_url": self.server.url,
            "waldur_api_token": self.server.token,
            "waldur_offering_uuid": self.server.state.offering().uuid,
            "backend_type": self.backend,
            "backend_settings": dict(self.settings),
            "backend_components": dict(self.components),
            **changed,
        }
        path = self.folder / "config.yaml"
        path.write_text(yaml.safe_dump({"timezone": "UTC", "offerings": [offering]}), encoding="utf-8")
        return path

    def start(self, *arguments: str, environ: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        """Start a run; the caller ends it."""
        return subprocess.Popen(
            [self.program or AGENT, *self._completed(arguments)],
            env=self._environment(environ),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, environ: Mapping[str, str] | None = None, seconds: float = 300) -> Ended:
        """Run to the end."""
        environment = self._environment(environ)
        # Python and the loader read such variables when they start.
        if self.program or any(name.startswith(("PYTHON", "LD_")) for name in {**self.environ, **(environ or {})}):
            return finished(self.start(*arguments, environ=environ), seconds)
        return Ended(*prepared_agent.run(self._completed(arguments), environment, seconds))

    def _completed(self, arguments: Sequence[str]) -> list[str]:
        if not (self.folder / "config.yaml").exists():
            self.write_config()
        return [*arguments, "-c", str(self.folder / "config.yaml")]

    def _environment(self, environ: Mapping[str, str] | None) -> dict[str, str]:
        return {**os.environ, **self.environ, **(environ or {})}

    def once(self, *arguments: str) -> Ended:
        """One cycle of ``order_process``."""
        return self.run("-m", "order_process", "--once", *arguments)

    def sync(self, *arguments: str) -> Ended:
        """One cycle of ``membership_sync``."""
        return self.run("-m", "membership_sync", "--once", *arguments)

    def report(self, *arguments: str) -> Ended:
        """One cycle of ``report``."""
        return self.run("-m", "report", "--once", *arguments)

    def plan(self, *arguments: str) -> Ended:
        """What a cycle would do."""
        return self.run("plan", "-m", "order_process", *arguments)


def finished(process: subprocess.Popen[str], seconds: float = 300) -> Ended:
    """Wait for the end of a run."""
    out, err = process.communicate(timeout=seconds)
    return Ended(process.returncode, out, err)


def kill(process: subprocess.Popen[str]) -> Ended:
    """SIGKILL: nothing of it gets to say anything any more."""
    process.send_signal(signal.SIGKILL)
    return finished(process)


def order_states(server: EmulatorServer) -> list[str]:
    """The states of all orders, oldest first."""
    with server.state.lock:
        return [order.state for order in sorted(server.state.orders.values(), key=lambda order: order.created)]


def leave(server: EmulatorServer, *logins: str) -> None:
    """People lose every role that they have."""
    with server.state.lock:
        for login in logins:
            for role in list(server.state.roles_of(server.state.user(login))):
                server.state.drop_role(role)


def join(server: EmulatorServer, login: str, project: str) -> None:
    """A person gets a role in a project."""
    state = server.state
    with state.lock:
        where = state.project(project)
        role = Role(
            state.new_uuid("role"),
            "PROJECT.MEMBER",
            state.user(login),
            "project",
            where.uuid,
            where.name,
            state.now(),
        )
        state.add_role(role)


def writes(server: EmulatorServer) -> list[str]:
    """The requests that were meant to change something, by their last part."""
    return [f"{it.path.rstrip('/').rsplit('/', 1)[-1]}" for it in server.requests.all() if it.method != "GET"]


def repeated(items: Sequence[str]) -> set[str]:
    """What occurs more than once."""
    return {item for item in items if items.count(item) > 1}
