"""What the plugin needs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from services.slurm_commands import Fault, SlurmCommands
from services.slurm_fixtures import RealSlurm
from services.slurm_plans import PluginMaker
from waldur_agent_hookspecs import Health, HealthStatus
from waldur_agent_slurm.backend import SlurmPlugin


def _bad(found: Sequence[Health]) -> dict[str, Health]:
    return {one.check: one for one in found if one.status is HealthStatus.BAD}


def test_on_a_well_cluster_everything_is_good(slurm: RealSlurm, plugin: SlurmPlugin) -> None:
    found = plugin.check_health()
    assert _bad(found) == {}
    assert {one.check for one in found} >= {"SLURM commands", "slurmdbd", "slurmctld", "TRES", "QoS", "rights"}
    assert f"cluster {slurm.name}" in next(one.detail for one in found if one.check == "slurmdbd")


def test_each_thing_that_is_missing_is_named_with_a_remedy(slurm: RealSlurm, make_plugin: PluginMaker) -> None:
    bad = _bad(make_plugin(default_account="site", qos_paused="nosuchqos").check_health())
    assert set(bad) == {"default_account", "QoS"}
    assert "has no account site" in bad["default_account"].detail
    assert "sacctmgr add account site" in bad["default_account"].remedy
    assert "nosuchqos" in bad["QoS"].detail


def test_without_rights_the_level_that_is_needed_is_said(
    slurm: RealSlurm, slurm_commands: SlurmCommands, plugin: SlurmPlugin
) -> None:
    slurm_commands.inject(Fault(program="sacctmgr", match="list user", run=False, output="Operator\n"))
    assert "adminlevel=Administrator" in _bad(plugin.check_health())["rights"].remedy


def test_a_daemon_that_is_away_does_not_keep_the_rest_from_being_checked(
    slurm: RealSlurm, slurm_commands: SlurmCommands, plugin: SlurmPlugin
) -> None:
    away = "squeue: error: 'test' can't be reached now\n"
    slurm_commands.inject(Fault(program="squeue", run=False, errors=away, status=1))
    bad = _bad(plugin.check_health())
    assert set(bad) == {"slurmctld"}
    assert "can't be reached now" in bad["slurmctld"].detail
    refused = "sacctmgr: error: Connection refused\n"
    slurm_commands.inject(Fault(program="sacctmgr", match="list", run=False, errors=refused, status=1, once=False))
    bad = _bad(plugin.check_health())
    assert {"slurmdbd", "TRES", "QoS", "rights"} <= set(bad)
    assert "SLURM commands" not in bad


@pytest.mark.parametrize("empty", [True, False])
def test_without_the_commands_the_setting_is_named(empty: bool, tmp_path: Path, make_plugin: PluginMaker) -> None:
    directory = tmp_path if empty else tmp_path / "nosuch"
    bad = _bad(make_plugin(slurm_bin_path=directory).check_health())
    assert "slurm_bin_path" in bad["SLURM commands"].detail
