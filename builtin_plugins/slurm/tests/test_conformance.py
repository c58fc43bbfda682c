"""The checks that every backend has to pass, on a real Slurm."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import pytest
from services.slurm_commands import Fault, SlurmCommands
from services.slurm_fixtures import RealSlurm
from services.slurm_jobs import Job, JobTable
from services.slurm_up import Cluster
from waldur_agent_hookspecs.conformance import BackendConformance, ConformanceSupport
from waldur_agent_slurm.backend import SlurmPlugin

QOS = {"qos_default": "normal", "qos_downscaled": "conformance-slow", "qos_paused": "conformance-paused"}
REFUSED = "slurm_persist_conn_open_without_init: failed to open persistent connection: Connection refused"

MANY = 25
"""Associations."""


class OnTheCluster(ConformanceSupport):
    """What an administrator of SLURM does, and what jobs do."""

    def __init__(
        self, settings: Any, slurm: RealSlurm, commands: SlurmCommands, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        super().__init__(settings)
        self._slurm = slurm
        self._commands = commands
        self._monkeypatch = monkeypatch

    @contextmanager
    def break_backend(self) -> Iterator[None]:
        """What the commands say while slurmdbd is stopped; to stop it takes ten times as long."""
        faults = [
            Fault(program=program, once=False, run=False, errors=f"{program}: error: {REFUSED}\n", status=1)
            for program in ("sacctmgr", "sacct", "squeue", "scancel")
        ]
        with self._wrapped(*faults):
            yield

    @contextmanager
    def hang_backend(self) -> Iterator[None]:
        """As with a slurmdbd that is stopped by SIGSTOP."""
        with self._wrapped(Fault(program="sacctmgr", once=False, run=False, sleep=600)):
            yield

    @contextmanager
    def _wrapped(self, *faults: Fault) -> Iterator[None]:
        with self._monkeypatch.context() as patch:
            patch.setenv("PATH", self._commands.path)
            for fault in faults:
                self._commands.inject(fault)
            yield
            self._commands.heal()

    def plant_foreign_account(self, backend_id: str) -> None:
        """slurmdbd keeps the description of a name that a cluster had before, so it is given one of its own."""
        self._slurm.sacctmgr("add", "account", f"name={backend_id}")
        self._slurm.sacctmgr("modify", "account", "where", f"name={backend_id}", "set", "description=by hand")

    def add_usage(
        self, backend_id: str, username: str, amounts: Mapping[str, Decimal], start: datetime, end: datetime
    ) -> None:
        """A job that held these amounts of TRES-minutes."""
        span = [int(when.timestamp()) for when in (start, end)]
        cpus, megabytes, gpus = (
            int(amounts.get(name, Decimal(0)) * 60 / (span[1] - span[0])) for name in ("cpu", "mem", "gres/gpu")
        )
        job = Job(backend_id, username, span[0], span[1], cpus=cpus, megabytes=megabytes, gpus=gpus)
        JobTable(self._slurm).insert([job])


@pytest.fixture(scope="module")
def prepared(slurm_cluster: Cluster) -> RealSlurm:
    """The cluster with what the settings name."""
    if not all(slurm_cluster.status().values()):
        slurm_cluster.up()
    assert slurm_cluster.state is not None
    slurm = RealSlurm(slurm_cluster, slurm_cluster.state.cluster)
    slurm.add_qos("conformance-slow", "conformance-paused")
    return slurm


@pytest.fixture
def cluster(prepared: RealSlurm) -> RealSlurm:
    """The cluster with not too much in it: each check has names of its own, but reading many associations is dear."""
    table = prepared.association_table
    if int(prepared.sql(f"select count(*) from {table} where deleted = 0")) > MANY:  # noqa: S608 - our table
        prepared.clean()
    return prepared


class TestSlurm(BackendConformance):
    plugin_class: ClassVar[type[Any] | None] = SlurmPlugin
    cleans_up: ClassVar[bool] = False

    @pytest.fixture
    def settings(self, cluster: RealSlurm, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, object]:
        monkeypatch.setenv("SLURM_CONF", cluster.environment["SLURM_CONF"])
        prefixes = {"customer_prefix": "c_", "project_prefix": "p_"}
        return {"require_os_user": False, "read_timeout_seconds": 6, **prefixes, **QOS}

    @pytest.fixture
    def support(
        self, plugin_settings: Any, cluster: RealSlurm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> ConformanceSupport:
        return OnTheCluster(plugin_settings, cluster, SlurmCommands(tmp_path / "commands"), monkeypatch)
