"""Fixtures for runs of the agent: Waldurs, a sandbox, and the agent between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from waldur_agent.emulator.events.feed import Broker
from waldur_agent.emulator.profile import Profile
from waldur_agent.emulator.profiles import PROFILES
from waldur_agent.emulator.server import EmulatorServer

from services.agent_runs import AgentRuns
from services.sandbox_cluster import SandboxCluster
from services.slurm_commands import SlurmCommands
from services.worlds import world

MakeServer = Callable[..., EmulatorServer]


@pytest.fixture
def profile(request: pytest.FixtureRequest) -> Profile:
    """Which Waldur a test meets: the newest, unless its module is for each (see :mod:`services.generations`)."""
    met = PROFILES[getattr(request, "param", "today")]
    for mark in request.node.iter_markers("needs_endpoint"):
        if mark.args[0] in met.lacks:
            pytest.skip(f"no {mark.args[0]} on a server of {met.name}: {mark.kwargs['why']}")
    return met


@pytest.fixture
def make_server(profile: Profile) -> Iterator[MakeServer]:
    """Waldurs with worlds of :func:`services.worlds.world`, stopped when the test ends; events go to ``broker``."""
    servers: list[EmulatorServer] = []

    def make(faults: Any = (), broker: Broker | None = None, **arguments: Any) -> EmulatorServer:
        server = EmulatorServer(world(**arguments), faults=faults, broker=broker, profile=profile)
        servers.append(server.start())
        return servers[-1]

    yield make
    for server in servers:
        server.stop()


@pytest.fixture
def sandbox(tmp_path: Path) -> SandboxCluster:
    """An empty cluster in a file."""
    return SandboxCluster(tmp_path / "cluster.sqlite")


@pytest.fixture
def agent_of(tmp_path: Path, sandbox: SandboxCluster) -> Callable[[EmulatorServer], AgentRuns]:
    """An agent between a Waldur and the sandbox."""
    settings = {
        "database": str(sandbox.path),
        "customer_prefix": "c_",
        "project_prefix": "p_",
        "allocation_prefix": "a_",
    }
    return lambda server: AgentRuns(tmp_path, server, "sandbox", settings)


@pytest.fixture
def slurm_agent(tmp_path: Path, slurm_commands: SlurmCommands) -> Callable[[EmulatorServer], AgentRuns]:
    """An agent between a Waldur and the real Slurm; it finds Slurm by its environment."""
    del slurm_commands  # on PATH
    settings = {
        "customer_prefix": "c_",
        "project_prefix": "p_",
        "allocation_prefix": "a_",
        "qos_paused": "paused",
        "qos_downscaled": "limited",
        # The people of these tests have no accounts on this machine, and so no homes either.
        "require_os_user": False,
        "enable_user_homedir_account_creation": False,
    }
    return lambda server: AgentRuns(tmp_path, server, "slurm", settings)
