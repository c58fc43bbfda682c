"""What deployments of the first agent have and type: its commands, options, files and whole configuration."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from services.agent_runs import AgentRuns, order_states, writes
from waldur_agent.emulator.server import EmulatorServer

MakeServer = Callable[..., EmulatorServer]
AgentOf = Callable[[EmulatorServer], AgentRuns]

ROOT = Path(__file__).parents[2]
CONFIGURATION = ROOT / "core" / "tests" / "config" / "seed-configuration.yaml"
SCRIPTS = ("waldur_site_load_components", "waldur_site_diagnostics", "waldur_site_create_homedirs")
MODES = ("order_process", "report", "membership_sync", "event_process")
PERIODS = {
    "order_process": "WALDUR_SITE_AGENT_ORDER_PROCESS_PERIOD_MINUTES",
    "report": "WALDUR_SITE_AGENT_REPORT_PERIOD_MINUTES",
    "membership_sync": "WALDUR_SITE_AGENT_MEMBERSHIP_SYNC_PERIOD_MINUTES",
    "event_process": "WALDUR_SITE_AGENT_RECONCILIATION_PERIOD_MINUTES",
}


def typed(
    script: str, *arguments: str, cwd: Path | None = None, environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    program = str(Path(sys.executable).with_name(script))
    return subprocess.run(
        [program, *arguments],
        cwd=cwd,
        env={**os.environ, **(environ or {})},
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )


def filled_in(folder: Path, servers: list[EmulatorServer], **changed: Any) -> Path:
    """The documented configuration with what it leaves open, and with polling for all."""
    document = yaml.safe_load(CONFIGURATION.read_text(encoding="utf-8"))
    for offering, server in zip(document["offerings"], servers, strict=True):
        offering["waldur_api_url"] = server.url
        offering["waldur_api_token"] = server.token
        offering["waldur_offering_uuid"] = server.state.offering().uuid
        offering.update(changed)
    path = folder / "waldur-site-agent-config.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return path


@pytest.mark.parametrize("script", SCRIPTS)
def test_its_commands_are_installed_under_their_names(script: str) -> None:
    shown = typed(script, "--help")
    assert (shown.returncode, "-c FILE, --config-file FILE" in shown.stdout) == (0, True)


def test_components_of_the_documented_configuration_are_loaded_once(tmp_path: Path, make_server: MakeServer) -> None:
    slurm, moab = servers = [make_server(), make_server()]
    for server in servers:
        server.state.offering().components.clear()
    path = filled_in(tmp_path, servers)
    document = yaml.safe_load(path.read_text())
    # Others than the deposit are ignored there.
    document["offerings"][1]["backend_components"]["cpu"] = document["offerings"][0]["backend_components"]["cpu"]
    path.write_text(yaml.safe_dump(document))
    for _ in range(2):
        assert typed("waldur_site_load_components", "-c", str(path)).returncode == 0
    loaded = [
        {kind: (it.name, it.billing_type, it.measured_unit, it.limit_amount) for kind, it in parts.items()}
        for parts in (slurm.state.offering().components, moab.state.offering().components)
    ]
    assert loaded == [
        {"cpu": ("CPU", "usage", "k-Hours", None), "mem": ("RAM", "usage", "gb-Hours", 10)},
        {"deposit": ("Deposit (EUR)", "limit", "EUR", None)},
    ]
    assert [len(writes(server)) for server in servers] == [2, 1]


def test_without_arguments_orders_are_processed_by_the_file_here(
    tmp_path: Path, make_server: MakeServer, agent_of: AgentOf
) -> None:
    server = make_server(creates=1)
    agent_of(server).write_config().rename(tmp_path / "waldur-site-agent-config.yaml")
    ended = typed("waldur_site_agent", "--once", cwd=tmp_path)
    assert (ended.returncode, order_states(server)) == (0, ["done"])
    agents = {asked.user_agent for asked in server.requests.all()}
    assert all(agent.startswith("waldur-site-agent-order-process/") for agent in agents)


@pytest.mark.parametrize("mode", MODES)
def test_a_bad_period_of_any_mode_is_told_before_anything_runs(
    tmp_path: Path, make_server: MakeServer, agent_of: AgentOf, mode: str
) -> None:
    server = make_server()
    path = agent_of(server).write_config()
    for period in ("five", "-1"):
        ended = typed(
            "waldur_site_agent", "--mode", mode, "--config-file", str(path), environ={PERIODS[mode]: period}
        )
        assert (ended.returncode, PERIODS[mode] in ended.stderr) == (2, True)
    assert server.requests.all() == []


def test_the_units_are_where_they_are_copied_from_and_run_the_file_that_is_copied(tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    copies = re.findall(r"^cp (systemd-conf/\S+) +/etc/systemd/system/(\S+)$", guide, re.MULTILINE)
    assert len(copies) == 8
    for source, name in copies:
        mode = source.split("/")[1].removeprefix("agent-")
        legacy = "-legacy" if source.endswith("agent-legacy.service") else ""
        assert name == f"waldur-agent-{mode}{legacy}.service"
        unit = Path(shutil.copy(ROOT / source, tmp_path / name)).read_text(encoding="utf-8")
        assert f" -m {mode.replace('-', '_')} -c /etc/waldur/waldur-site-agent-config.yaml\n" in unit
    example = re.search(r"^cp (examples/\S+) /etc/waldur/waldur-site-agent-config.yaml$", guide, re.MULTILINE)
    assert example
    assert (ROOT / example[1]).is_file()
