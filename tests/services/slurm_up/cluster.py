"""One private cluster in one directory: made once, started, stopped, started again."""

from __future__ import annotations

import getpass
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Final

from .configuration import write_configuration
from .processes import Daemon, SlurmUpError, free_ports, listening, processes_with, run
from .programs import search_path
from .promptness import prompt_environment

MARK: Final = "cluster.json"
"""Its presence says that a directory is ours."""

_MAX_SOCKET_PATH: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterSettings:
    """What a new cluster is to be like. CPUs and GPUs are those that each node claims to have."""

    cluster: str = "test"
    nodes: int = 1
    cpus: int = 1024
    gpus: int = 64
    port_base: int = 0
    enforce: str = "associations,limits,qos"
    half_life: str = "0"
    extra: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterState:
    """What a cluster is, as kept in its directory."""

    cluster: str
    nodes: int
    cpus: int
    gpus: int
    db_port: int
    dbd_port: int
    ctld_port: int
    slurmd_ports: tuple[int, ...]
    db_pass: str
    enforce: str
    half_life: str
    extra: tuple[str, ...]

    @property
    def node_names(self) -> tuple[str, ...]:
        """One name for each slurmd."""
        return tuple(f"n{number + 1}" for number in range(self.nodes))


class Cluster:
    """A cluster in a directory, which may not exist yet.

    Args:
        directory: All that belongs to it.
        prompt: Whether its daemons answer as fast as they can, see :mod:`.promptness`; False where time is measured.
    """

    def __init__(self, directory: Path, *, prompt: bool = False) -> None:
        self.directory = directory.absolute()
        self._prompt = prompt
        self.state = _read_state(self.directory / MARK)
        # PATH as it is now: whatever is put in front on it later does not reach the cluster's own programs.
        self.environment = {
            "SLURM_CONF": str(self.directory / "etc" / "slurm.conf"),
            "LC_ALL": "C.UTF-8",
            "PATH": search_path(),
        }

    def daemon(self, name: str) -> Daemon:
        """One of its programs: munged, mariadbd, slurmdbd, slurmctld, or ``slurmd-NODE``."""
        return Daemon(name, self.directory, self.environment)

    def tool(self, *argv: str, seconds: float = 60) -> subprocess.CompletedProcess[str]:
        """Run a program against this cluster, whatever its exit status."""
        return run(argv, self.environment, check=False, seconds=seconds)

    @property
    def mysql_socket(self) -> Path:
        """Where its database answers."""
        return self.directory / "run" / "mysql.sock"

    # ------------------------------------------------------------ making

    def create(self, settings: ClusterSettings) -> None:
        """Make the directory's content, unless it is there.

        Raises:
            SlurmUpError: the directory holds something else, or a port is in use.
        """
        if self.state is not None:
            self._compare(self.state, settings)
            return
        if self.directory.is_dir() and any(self.directory.iterdir()):
            raise SlurmUpError(f"{self.directory} is not empty and holds no cluster of ours (no {MARK} in it)")
        if not re.fullmatch(r"[a-z][a-z0-9_]*", settings.cluster):
            raise SlurmUpError("the cluster's name must be lower-case letters, digits and _")
        state = _new_state(settings)
        for name in ("etc", "run", "log", "tmp", "mysql", "spool/slurmctld"):
            (self.directory / name).mkdir(parents=True, exist_ok=True)
        for node in state.node_names:
            (self.directory / "spool" / f"slurmd-{node}").mkdir(exist_ok=True)
        write_configuration(self.directory, state)
        mark = self.directory / MARK
        mark.touch(mode=0o600)
        mark.write_text(json.dumps(asdict(state), indent=1))
        self.state = state

    def _compare(self, state: ClusterState, settings: ClusterSettings) -> None:
        asked = ClusterSettings()
        wrong = [
            f"{name}={getattr(settings, name)} asked, {getattr(state, name)} there"
            for name in ("cluster", "nodes", "cpus", "gpus")
            if getattr(settings, name) not in {getattr(asked, name), getattr(state, name)}
        ]
        if wrong:
            raise SlurmUpError(
                f"{self.directory} holds another cluster ({'; '.join(wrong)}); use --down --wipe first"
            )

    def _known(self) -> ClusterState:
        if self.state is None:
            raise SlurmUpError(f"{self.directory} holds no cluster (no {MARK} in it)")
        return self.state

    # ------------------------------------------------------------ starting

    def up(self) -> None:
        """Start whatever does not run, and wait until jobs can.

        Raises:
            SlurmUpError: a program ended or is not ready in time.
        """
        socket = self.directory / "run" / "munge.socket"
        if len(str(socket)) > _MAX_SOCKET_PATH:
            raise SlurmUpError(f"{self.directory} is too long for the path of a unix socket; choose a shorter one")
        self._start_munged(socket)
        self._start_database()
        self.daemon("munged").wait_until(socket.exists, "its socket")
        self.start_slurmdbd()
        self.start_slurmctld()
        for node in self._known().node_names:
            self.daemon(f"slurmd-{node}").start(["slurmd", "-D", "-N", node])
        self.daemon("slurmctld").wait_until(self._is_registered, "the cluster's registration in slurmdbd")
        for node in self._known().node_names:
            self.daemon(f"slurmd-{node}").wait_until(partial(self._is_ready, node), f"node {node} to be idle")

    def _start_munged(self, socket: Path) -> None:
        run_directory = self.directory / "run"
        self.daemon("munged").start([
            "munged", "--foreground", "--force", "--num-threads", "4",
            "--key-file", str(self.directory / "etc" / "munge.key"), "--socket", str(socket),
            "--pid-file", str(run_directory / "munged.pid"), "--seed-file", str(run_directory / "munged.seed"),
            "--log-file", str(self.directory / "log" / "munged-own.log"),
        ])  # fmt: skip

    def _start_database(self) -> None:
        data = self.directory / "mysql"
        if not (data / "mysql").exists():
            run([
                "mariadb-install-db", "--no-defaults", f"--datadir={data}", f"--user={getpass.getuser()}",
                "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve",
            ], seconds=120)  # fmt: skip
        daemon = self.daemon("mariadbd")
        daemon.start(["mariadbd", f"--defaults-file={self.directory / 'etc' / 'my.cnf'}"])
        client = ["mariadb", "--no-defaults", f"--socket={self.mysql_socket}", "-uroot", "-BN", "-e"]
        daemon.wait_until(lambda: run([*client, "select 1"], check=False).returncode == 0, "its socket")
        password = self._known().db_pass
        statements = (
            "create database if not exists slurm_acct_db",
            f"create user if not exists slurm@'%' identified by '{password}'",
            "grant all on slurm_acct_db.* to slurm@'%'",
        )
        run([*client, "; ".join(statements)])

    def start_slurmdbd(self) -> None:
        """Start slurmdbd and make the cluster known to it."""
        port = self._known().dbd_port
        daemon = self.daemon("slurmdbd")
        daemon.start(["slurmdbd", "-D"], self._haste())
        daemon.wait_until(lambda: listening(port), f"port {port}")
        daemon.wait_until(self._is_known_to_slurmdbd, "an answer to sacctmgr list cluster")

    def start_slurmctld(self) -> None:
        """Start slurmctld."""
        port = self._known().ctld_port
        daemon = self.daemon("slurmctld")
        daemon.start(["slurmctld", "-D", "-i"], self._haste())
        daemon.wait_until(lambda: listening(port), f"port {port}")

    def _haste(self) -> dict[str, str]:
        return prompt_environment(self.directory) if self._prompt else {}

    def _is_known_to_slurmdbd(self) -> bool:
        """slurmdbd accepts connections a little before it serves them."""
        listed = self.tool("sacctmgr", "-nP", "list", "cluster", "format=cluster")
        cluster = self._known().cluster
        if listed.returncode == 0 and cluster not in listed.stdout.split():
            self.tool("sacctmgr", "-i", "add", "cluster", cluster)
            return False
        return listed.returncode == 0

    def _is_registered(self) -> bool:
        listed = self.tool("sacctmgr", "-nP", "list", "cluster", "format=cluster,controlport")
        return f"{self._known().cluster}|{self._known().ctld_port}" in listed.stdout

    def _is_ready(self, node: str) -> bool:
        shown = self.tool("sinfo", "-h", "-N", "-n", node, "-o", "%T").stdout.split()
        state = shown[0] if shown else ""
        if state.rstrip("*$~#") in {"down", "drained", "draining"}:
            self.tool("scontrol", "update", f"nodename={node}", "state=resume")
        return state in {"idle", "mixed", "allocated"}

    # ------------------------------------------------------------ stopping

    @property
    def _names(self) -> list[str]:
        """All programs, in the order in which they are stopped."""
        return [
            *(f"slurmd-{node}" for node in self._known().node_names),
            "slurmctld",
            "slurmdbd",
            "mariadbd",
            "munged",
        ]

    def status(self) -> dict[str, int | None]:
        """Each program's pid; None for one that does not run."""
        return {name: self.daemon(name).pid() for name in self._names}

    def down(self, *, wipe: bool = False) -> list[str]:
        """Stop everything that runs; returns the names. ``wipe`` removes the directory as well."""
        self._end_jobs()
        stopped = [name for name in self._names if self.daemon(name).stop()]
        for pid in processes_with("slurmstepd", f"SLURM_CONF={self.environment['SLURM_CONF']}"):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if wipe:
            shutil.rmtree(self.directory)
        return stopped

    def _end_jobs(self) -> None:
        """End running jobs, so that none is left behind without a parent."""
        if not self.daemon("slurmctld").pid():
            return
        with suppress(subprocess.TimeoutExpired):
            if not self.tool("squeue", "-h", "-t", "R,S,CG", "-o", "%A", seconds=5).stdout.strip():
                return
            self.tool("scancel", "--state=RUNNING", seconds=10)
            end = time.monotonic() + 5
            while time.monotonic() < end and self.tool("squeue", "-h", "-t", "R,CG", seconds=5).stdout.strip():
                time.sleep(0.2)


def _read_state(mark: Path) -> ClusterState | None:
    if not mark.exists():
        return None
    kept = json.loads(mark.read_text())
    return ClusterState(**{**kept, "slurmd_ports": tuple(kept["slurmd_ports"]), "extra": tuple(kept["extra"])})


def _new_state(settings: ClusterSettings) -> ClusterState:
    count = 3 + settings.nodes
    if settings.port_base:
        ports = [settings.port_base + number for number in range(count)]
        if busy := [port for port in ports if listening(port)]:
            raise SlurmUpError(f"port(s) {busy} of 127.0.0.1 are in use; choose another --port-base")
    else:
        ports = free_ports(count)
    return ClusterState(
        cluster=settings.cluster,
        nodes=settings.nodes,
        cpus=settings.cpus,
        gpus=settings.gpus,
        db_port=ports[0],
        dbd_port=ports[1],
        ctld_port=ports[2],
        slurmd_ports=tuple(ports[3:]),
        db_pass=secrets.token_hex(12),
        enforce=settings.enforce,
        half_life=settings.half_life,
        extra=settings.extra,
    )
