"""Fixtures around the stand-in of MAM."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from waldur_agent.emulator.server import EmulatorServer

from services.agent_runs import AgentRuns
from services.mam import Mam
from services.worlds import deposit_world

DEPOSIT = {"measured_unit": "EUR", "accounting_type": "limit", "label": "Deposit (EUR)"}


@pytest.fixture
def mam(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mam:
    """An empty MAM whose commands are found first on ``PATH``."""
    found = Mam.at(tmp_path / "mam")
    monkeypatch.setenv("PATH", found.path)
    return found


@pytest.fixture
def moab_agent(tmp_path: Path, mam: Mam) -> Callable[[EmulatorServer], AgentRuns]:
    """An agent between a Waldur and the stand-in; it finds MAM's commands on ``PATH``."""
    del mam  # on PATH
    settings = {
        "default_account": "root",
        "customer_prefix": "c_",
        "project_prefix": "p_",
        "allocation_prefix": "a_",
        "enable_user_homedir_account_creation": True,
    }
    return lambda server: AgentRuns(tmp_path, server, "moab", settings, components={"deposit": DEPOSIT})


@pytest.fixture
def make_moab_server() -> Iterator[Callable[..., EmulatorServer]]:
    """Waldurs with worlds of :func:`services.worlds.deposit_world`, stopped when the test ends."""
    servers: list[EmulatorServer] = []

    def make(faults: Any = (), **arguments: Any) -> EmulatorServer:
        servers.append(EmulatorServer(deposit_world(**arguments), faults=faults).start())
        return servers[-1]

    yield make
    for server in servers:
        server.stop()


__all__ = ["make_moab_server", "mam", "moab_agent"]
