"""A rendered plugin is good at once: its own lint, types and tests, and an agent that works with it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from services.agent_runs import AgentRuns, order_states
from services.sandbox_cluster import SandboxCluster
from waldur_agent.emulator.server import EmulatorServer

from .conftest import Environment, Render

MakeServer = Callable[..., EmulatorServer]


@dataclass(frozen=True)
class Installed:
    """A plugin of the shortest or the longest name, installed with the agent."""

    name: str
    folder: Path
    environment: Environment

    def is_good_by_its_own_measure(self, cache: Path) -> str:
        """Run what its README says; gives what its tests said."""
        self.environment.run("python", "-m", "ruff", "check", ".", cwd=self.folder)
        self.environment.run("python", "-m", "ruff", "format", "--check", ".", cwd=self.folder)
        self.environment.run("python", "-m", "mypy", ".", cwd=self.folder, MYPY_CACHE_DIR=str(cache))
        return self.environment.run("python", "-m", "pytest", "-p", "no:cacheprovider", cwd=self.folder)

    def hooks(self) -> list[str]:
        """What the agent says that it answers."""
        rows = json.loads(self.environment.run("waldur-agent", "plugins", "--json", cwd=self.folder))
        (hooks,) = [row["hooks"] for row in rows if row["name"] == self.name]
        return list(hooks)

    def agent(self, server: EmulatorServer, backend: str, settings: dict[str, str]) -> AgentRuns:
        program = str(self.environment.folder / "bin" / "waldur-agent")
        return AgentRuns(self.folder, server, backend, settings, program=program)


@pytest.fixture
def install(
    render: Render, environment: Environment, pip: Path, wheels: Path, tmp_path: Path
) -> Callable[[str, str], Installed]:
    def run(name: str, kind: str) -> Installed:
        folder = render(plugin_name=name, kind=kind)
        sources = ["--no-index", "--no-build-isolation", "--find-links", str(wheels)]
        wanted = [f"{folder}[test]", "waldur-agent", "waldur-agent-sandbox"]
        python = str(environment.folder / "bin" / "python")
        command = [str(pip), "-m", "pip", "--python", python, "install", "--quiet", *sources, *wanted]
        subprocess.run(command, cwd=tmp_path, check=True)
        return Installed(name, folder, environment)

    return run


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What mypy learnt about everybody's packages."""
    return tmp_path_factory.mktemp("mypy")


Install = Callable[[str, str], Installed]


def test_a_backend(install: Install, cache: Path, make_server: MakeServer) -> None:
    plugin = install("x", "backend")
    said = plugin.is_good_by_its_own_measure(cache)
    for role in ("order processing", "membership sync", "reporting"):
        assert f"{role}: conformant" in said
    assert {"create_account", "list_accounts", "collect_usage"} <= set(plugin.hooks())
    server = make_server(creates=2)
    ended = plugin.agent(server, plugin.name, {"address": "memory:x", "prefix": "hpc_"}).once()
    assert ended.status == 0, ended.err
    assert order_states(server) == ["done", "done"]
    assert {resource.backend_id for resource in server.state.resources.values()} == {"hpc_new-0", "hpc_new-1"}


def test_a_username_plugin(install: Install, cache: Path, make_server: MakeServer, sandbox: SandboxCluster) -> None:
    plugin = install("a2345678_12345678_123456", "username")
    assert "usernames: conformant" in plugin.is_good_by_its_own_measure(cache)
    assert {"find_username", "generate_username"} <= set(plugin.hooks())
    server = make_server(creates=1, plugin_options={"username_generation_policy": "service_provider"})
    with server.state.lock:
        account = server.state.account(server.state.offering(), server.state.user("person0"))
        assert account is not None
        account.username, account.state = "", "Requested"
        server.state.user("person0").full_name = "Jane Doe"
    agent = plugin.agent(server, "sandbox", {"database": str(sandbox.path), "directory": "memory:x"})
    agent.write_config(username_management_backend=plugin.name)
    ended = agent.once()
    assert ended.status == 0, ended.err
    assert account.username == "jdoe"
    assert ("new-0", "jdoe") in sandbox.members()


def test_an_observer(install: Install, cache: Path, make_server: MakeServer, sandbox: SandboxCluster) -> None:
    plugin = install("ocean_observer", "observer")
    assert "listening: conformant" in plugin.is_good_by_its_own_measure(cache)
    assert {"hook_finished", "members_synced"} <= set(plugin.hooks())
    server = make_server(creates=1)
    audit = plugin.folder / "audit.jsonl"
    agent = plugin.agent(server, "sandbox", {"database": str(sandbox.path), "audit_file": str(audit)})
    agent.write_config(plugins=[plugin.name])
    ended = agent.once()
    assert ended.status == 0, ended.err
    lines = [json.loads(line) for line in audit.read_text(encoding="utf-8").splitlines()]
    assert ("create_account", "done") in {(line["what"], line.get("status")) for line in lines}
    assert lines[-1]["what"] == "members_synced"
