"""Fixtures around a private, real SLURM: one cluster for a test process, cleaned before each test that uses it."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from waldur_agent_hookspecs.commands import lock_directory

from services.slurm_commands import SlurmCommands
from services.slurm_up import Cluster, ClusterSettings, install_hint, missing_packages


@dataclass(frozen=True, slots=True)
class Association:
    """One row of ``sacctmgr list assoc``, as SLURM prints it."""

    account: str
    user: str
    parent: str
    limits: str
    partition: str
    qos: str


@dataclass(frozen=True, slots=True)
class RealSlurm:
    """The cluster seen by tests: with commands of their own, not through the code that is tested."""

    cluster: Cluster
    name: str

    @property
    def environment(self) -> dict[str, str]:
        """What SLURM's commands need to find this cluster."""
        return dict(self.cluster.environment)

    def sacctmgr(self, *arguments: str) -> str:
        """Run ``sacctmgr -i`` and expect success; gives what it printed."""
        done = self.cluster.tool("sacctmgr", "-i", *arguments)
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    def rows(self, *arguments: str) -> list[list[str]]:
        """Run ``sacctmgr -nP`` and split its answer."""
        done = self.cluster.tool("sacctmgr", "-nP", *arguments)
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return [line.split("|") for line in done.stdout.splitlines()]

    def associations(self) -> list[Association]:
        """All associations of the cluster."""
        columns = "format=account,user,parentname,grptresmins,partition,qos"
        return [Association(*row) for row in self.rows("list", "assoc", f"cluster={self.name}", columns)]

    def accounts(self) -> dict[str, Association]:
        """Account name to its own association; without root."""
        return {one.account: one for one in self.associations() if not one.user and one.account != "root"}

    def members(self) -> dict[str, set[str]]:
        """Account name to its users; without root's own."""
        found: dict[str, set[str]] = {}
        for one in self.associations():
            if one.user and (one.account, one.user) != ("root", "root"):
                found.setdefault(one.account, set()).add(one.user)
        return found

    def limits(self, account: str) -> str:
        """The text of an account's ``GrpTRESMins``."""
        return self.accounts()[account].limits

    def description(self, account: str) -> str:
        """The description of an account."""
        return self.rows("list", "account", f"account={account}", "format=descr")[0][0]

    def users(self) -> dict[str, str]:
        """User name to default account, for all users that slurmdbd knows; without root."""
        return {row[0]: row[1] for row in self.rows("list", "user", "format=user,defaultaccount") if row[0] != "root"}

    def submit(self, account: str, *options: str, command: str = "sleep 300") -> int:
        """Submit a job as this process's user, who must be a member; gives the job's id."""
        where = ["--parsable", "-A", account, "-o", "/dev/null", "--time=10", *options]
        done = self.cluster.tool("sbatch", *where, "--wrap", command)
        assert done.returncode == 0, done.stderr
        return int(done.stdout.split(";")[0])

    def jobs(self) -> dict[int, tuple[str, str]]:
        """Job id to account and state, of jobs that wait, run or end."""
        shown = self.cluster.tool("squeue", "-h", "-o", "%A|%a|%T").stdout.splitlines()
        rows = [line.split("|") for line in shown]
        return {int(row[0]): (row[1], row[2]) for row in rows}

    def wait_until_running(self, job: int, seconds: float = 20) -> None:
        """Wait for a job's start."""
        end = time.monotonic() + seconds
        while self.jobs().get(job, ("", ""))[1] != "RUNNING":
            assert time.monotonic() < end, f"job {job} does not run: {self.jobs()}"
            time.sleep(0.1)

    # ------------------------------------------------------------ daemons

    def stop(self, daemon: str) -> None:
        """Stop ``slurmdbd``, ``slurmctld`` or ``munged``."""
        self.cluster.daemon(daemon).stop()

    def start(self) -> None:
        """Start whatever does not run."""
        self.cluster.up()

    # ------------------------------------------------------------ cleaning

    def clean(self) -> None:
        """Leave root and its user, and no job. QoS stay; tests that need some make them with :meth:`add_qos`."""
        if self.jobs():
            self._end_jobs()
        # Users first and wholly: only of single associations SLURM asks whether they are a default.
        if users := self._names("user_table"):
            self.sacctmgr("delete", "user", "where", f"name={','.join(users)}")
        if accounts := self._names("acct_table"):
            self.cluster.tool(
                "sacctmgr", "-i", "delete", "user", "where", "name=root", f"account={','.join(accounts)}"
            )
            self.sacctmgr("delete", "account", "where", f"name={','.join(accounts)}")

    def _names(self, table: str) -> list[str]:
        """Names that are left, straight from the database: ten times as fast as asking slurmdbd."""
        return self.sql(f"select name from {table} where deleted=0 and name!='root'").split()  # noqa: S608 - our tables

    def sql(self, statement: str) -> str:
        """Run a statement on slurmdbd's database, behind its back."""
        socket = f"--socket={self.cluster.mysql_socket}"
        done = self.cluster.tool(
            "mariadb", "--no-defaults", socket, "-uroot", "-BN", "slurm_acct_db", "-e", statement
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    @property
    def association_table(self) -> str:
        """slurmdbd's table of this cluster's associations."""
        return f"{self.name}_assoc_table"

    def add_qos(self, *names: str) -> None:
        """Make QoS, unless they are there."""
        self.cluster.tool("sacctmgr", "-i", "add", "qos", f"name={','.join(names)}")

    def load(self, *lines: str) -> None:
        """Make many accounts and associations with one command: lines of a load file, after ``Cluster``."""
        with tempfile.NamedTemporaryFile("w", suffix=".cfg") as file:
            file.write("\n".join([f"Cluster - '{self.name}'", *lines, ""]))
            file.flush()
            self.sacctmgr("load", f"file={file.name}")

    def _end_jobs(self) -> None:
        self.cluster.tool("scancel", *map(str, self.jobs()))
        end = time.monotonic() + 20
        while self.jobs():
            assert time.monotonic() < end, f"jobs do not end: {self.jobs()}"
            time.sleep(0.1)


@pytest.fixture(scope="session")
def slurm_cluster() -> Iterator[Cluster]:
    """A running cluster of this test process. Fails, with what to install, where SLURM is missing."""
    if missing := missing_packages():
        pytest.fail(f"SLURM is not installed; run: {install_hint(missing)}", pytrace=False)
    # Not below pytest's own directory: the path of a unix socket in it would be too long.
    with tempfile.TemporaryDirectory(prefix="slurm-", ignore_cleanup_errors=True) as directory:
        Path(directory).chmod(0o755)
        cluster = Cluster(Path(directory) / "c", prompt=True)
        # A name of its own, as the agent's lock is one per name: test processes must not wait for each other.
        name = f"test_{os.getpid()}"
        cluster.create(ClusterSettings(cluster=name, gpus=4))
        try:
            cluster.up()
            yield cluster
        finally:
            cluster.down()
            (lock_directory("slurm") / f"{name}.lock").unlink(missing_ok=True)


@pytest.fixture
def slurm(slurm_cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> RealSlurm:
    """The cluster with nothing in it, and ``SLURM_CONF`` pointing at it."""
    if not all(slurm_cluster.status().values()):
        slurm_cluster.up()
    assert slurm_cluster.state is not None
    real = RealSlurm(slurm_cluster, slurm_cluster.state.cluster)
    real.clean()
    monkeypatch.setenv("SLURM_CONF", slurm_cluster.environment["SLURM_CONF"])
    return real


@pytest.fixture
def slurm_commands(slurm: RealSlurm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SlurmCommands:
    """Counting, and on demand failing, commands in front on ``PATH``."""
    commands = SlurmCommands(tmp_path / "slurm-commands")
    monkeypatch.setenv("PATH", commands.path)
    return commands


__all__ = ["RealSlurm", "slurm", "slurm_cluster", "slurm_commands"]
