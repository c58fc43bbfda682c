"""The systemd units: one folder for each mode, each with a unit for systemd of today and one for older."""

from __future__ import annotations

import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

MODES = ("order_process", "membership_sync", "report", "event_process")
TOO_NEW = {"StateDirectory", "StateDirectoryMode", "RuntimeDirectoryPreserve", "OOMPolicy"}
"""What a systemd of 219 (Enterprise Linux 7) does not know."""

each_unit = pytest.mark.parametrize(
    ("mode", "name"), [(mode, name) for mode in MODES for name in ("agent.service", "agent-legacy.service")]
)


def _unit(root: Path, mode: str, name: str) -> ConfigParser:
    unit = ConfigParser(interpolation=None, strict=True)
    unit.optionxform = str  # type: ignore[assignment,method-assign] # the documented way to keep the keys' case
    unit.read_string((root / "systemd-conf" / f"agent-{mode.replace('_', '-')}" / name).read_text(encoding="utf-8"))
    return unit


def test_there_are_no_others(root: Path) -> None:
    folders = {path.name for path in (root / "systemd-conf").iterdir()}
    assert folders == {f"agent-{mode.replace('_', '-')}" for mode in MODES}


@each_unit
def test_a_unit_runs_its_own_mode(root: Path, mode: str, name: str) -> None:
    command = "/usr/local/bin/waldur-agent -m {} -c /etc/waldur/waldur-site-agent-config.yaml"
    assert _unit(root, mode, name)["Service"]["ExecStart"] == command.format(mode)


@each_unit
def test_a_stopped_agent_leaves_its_cluster_command_alone(root: Path, mode: str, name: str) -> None:
    assert _unit(root, mode, name)["Service"]["KillMode"] == "process"


@each_unit
def test_a_failed_agent_comes_back_unless_its_configuration_is_wrong(root: Path, mode: str, name: str) -> None:
    service = _unit(root, mode, name)["Service"]
    assert (service["Restart"], service["RestartPreventExitStatus"]) == ("on-failure", "2")
    assert int(service["RestartSec"]) * 5 > 10  # else systemd's default limit of 5 starts in 10 s would end it


@pytest.mark.parametrize("mode", MODES)
def test_an_old_systemd_knows_everything_in_its_unit(root: Path, mode: str) -> None:
    service = _unit(root, mode, "agent-legacy.service")["Service"]
    assert service["Type"] == "simple"
    assert not TOO_NEW & set(service)
    assert not any(value.startswith(("append:", "file:")) for value in service.values())


@pytest.mark.parametrize("name", ["agent.service", "agent-legacy.service"])
@pytest.mark.parametrize("mode", MODES)
def test_no_agent_stops_another_one(root: Path, mode: str, name: str) -> None:
    """An offering is served by events or by polling, never by both: all four may be started, in any order."""
    assert "Conflicts" not in _unit(root, mode, name)["Unit"]


@pytest.mark.parametrize("mode", MODES)
def test_a_new_systemd_is_told_when_the_agent_is_ready_and_that_it_lives(root: Path, mode: str) -> None:
    service = _unit(root, mode, "agent.service")["Service"]
    assert (service["Type"], service["WatchdogSec"]) == ("notify", "1h")


def test_systemd_finds_nothing_to_complain_of_once_they_are_copied(root: Path, tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    assert program, "systemd-analyze is missing; make services installs it"
    agent = str(Path(sys.executable).with_name("waldur-agent"))
    units = []
    for mode in (mode.replace("_", "-") for mode in MODES):
        for name, suffix in (("agent.service", ""), ("agent-legacy.service", "-legacy")):
            text = (root / "systemd-conf" / f"agent-{mode}" / name).read_text(encoding="utf-8")
            units.append(tmp_path / f"waldur-agent-{mode}{suffix}.service")
            # It checks that the program is there, which on this machine it is elsewhere.
            units[-1].write_text(text.replace("/usr/local/bin/waldur-agent", agent), encoding="utf-8")
    # A misspelt key is only told; the exit status is 0 all the same.
    done = subprocess.run([program, "verify", *map(str, units)], capture_output=True, text=True, check=False)
    ours = [line for line in done.stderr.splitlines() if "waldur-agent" in line]
    assert (done.returncode, ours) == (0, [])
