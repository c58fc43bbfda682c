"""This agent beside waldur-site-agent: the same emulated Waldur, the same real Slurm, one after the other in one run.

    make bench                         100 resources x 20 members, about 40 minutes: the peer's first sync takes most
    .venv/bin/python tests/benchmarks/side_by_side.py --resources 10 --people 5 --jobs 1000

For members each agent begins with the same accounts, empty, and a Waldur whose teams are to be put in. For usage both
report the same jobs of two months, each to a Waldur that has no figures yet and takes 20 ms for every answer. What is
printed are whole processes: seconds of wall time, Slurm commands, HTTP requests, and how many times more the peer
takes. This agent runs before and after the peer, and the slower of the two counts: machines are not always alike.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from waldur_agent.emulator.fault_spec import parse_fault
from waldur_agent.emulator.server import EmulatorServer

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from services.slurm_fixtures import RealSlurm
from services.slurm_jobs import Job, job_table
from services.slurm_up import Cluster, ClusterSettings
from services.worlds import world

PEER = ["waldur-site-agent==1.0.7", "waldur-site-agent-slurm==1.0.7"]
COMMANDS = ("sacctmgr", "sacct", "squeue", "scancel", "scontrol", "sinfo", "id")
SETTINGS = {"customer_prefix": "c_", "project_prefix": "p_", "allocation_prefix": "a_", "default_account": "root"}
OURS = {"require_os_user": False, "enable_user_homedir_account_creation": False}
COMPONENTS = {
    "cpu": {"measured_unit": "k-Hours", "unit_factor": 60000, "accounting_type": "usage", "label": "CPU"},
    "gres/gpu": {"measured_unit": "GPU-Hours", "unit_factor": 60, "accounting_type": "limit", "label": "GPU"},
}


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process took."""

    seconds: float
    commands: int
    requests: int
    status: int


@dataclass(slots=True)
class Bench:
    """Both agents between one Waldur and one Slurm."""

    folder: Path
    server: EmulatorServer
    clusters: ExitStack
    peer: Path
    resources: int
    costs: dict[tuple[str, str], Cost] = field(default_factory=dict)
    slurm: RealSlurm = field(init=False)

    def measure(self, who: str, what: str, argv: Sequence[str]) -> Cost:
        """Run one process and note what it took; its log is kept beside the configuration."""
        log = self.folder / f"{who}-{what.replace(' ', '-')}.log"
        counter = self.folder / "commands"
        counter.write_text("")
        self.server.requests.clear()
        began = time.monotonic()
        with log.open("w", encoding="utf-8") as out:
            done = subprocess.run(argv, env=self._environment(), stdout=out, stderr=subprocess.STDOUT, check=False)
        seconds = time.monotonic() - began
        commands = len(counter.read_text().splitlines())
        cost = Cost(seconds, commands, len(self.server.requests.all()), done.returncode)
        if (who, what) not in self.costs or self.costs[who, what].seconds < seconds:
            self.costs[who, what] = cost
        print(f"{who:5} {what:13} {cost.seconds:9.2f} s {commands:6} commands {cost.requests:6} requests", flush=True)  # noqa: T201
        return cost

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "SLURM_CONF": self.slurm.environment["SLURM_CONF"],
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
        }

    def ours(self, what: str, mode: str) -> Cost:
        """One cycle of this agent."""
        agent = str(Path(sys.executable).with_name("waldur-agent"))
        config = self._config("ours", OURS)
        return self.measure("ours", what, [agent, "-m", mode, "--once", "-c", str(config)])

    def theirs(self, what: str, mode: str) -> Cost:
        """One cycle of the peer."""
        config = self._config("peer", {"slurm_bin_path": str(self.folder / "bin")})
        cycle = Path(__file__).with_name("peer_cycle.py")
        return self.measure("peer", what, [str(self.peer / "bin" / "python"), str(cycle), mode, str(config)])

    def _config(self, who: str, more: Mapping[str, Any]) -> Path:
        offering = {
            "name": "HPC cluster",
            "waldur_api_url": self.server.url,
            "waldur_api_token": self.server.token,
            "waldur_offering_uuid": self.server.state.offering().uuid,
            "backend_type": "slurm",
            **{f"{role}_backend": "slurm" for role in ("order_processing", "membership_sync", "reporting")},
            "backend_settings": {**SETTINGS, **more},
            "backend_components": COMPONENTS,
        }
        path = self.folder / f"{who}.yaml"
        path.write_text(yaml.safe_dump({"timezone": "UTC", "offerings": [offering]}), encoding="utf-8")
        return path

    def accounts(self) -> None:
        """A new cluster with the accounts of all resources, without members, as they are before a first sync.

        A new one, as slurmdbd takes longer to forget 2,000 associations than to start.
        """
        self.clusters.close()
        self.slurm = self.clusters.enter_context(new_cluster())
        names = ",".join(f"a_old-{number}" for number in range(self.resources))
        for name in ("c_uni", "p_proj"):
            self.slurm.sacctmgr("add", "account", f"name={name}", f"cluster={self.slurm.name}")
        self.slurm.sacctmgr("add", "account", f"name={names}", "parent=p_proj", f"cluster={self.slurm.name}")
        self.slurm.sacctmgr("modify", "account", f"name={names}", "set", "GrpTRESMins=gres/gpu=300")

    def complete(self, people: int) -> bool:
        """Whether every account has everybody."""
        members = self.slurm.members()
        return all(len(members.get(f"a_old-{number}", ())) == people for number in range(self.resources))


def membership(bench: Bench, people: int) -> None:
    """First sync and steady cycle of each, on the same start."""
    for run in (bench.ours, bench.theirs, bench.ours):
        bench.accounts()
        run("first sync", "membership_sync")
        if not bench.complete(people):
            sys.exit("the first sync did not put everybody in; see the log")
        run("steady cycle", "membership_sync")


def report(bench: Bench, people: int, jobs: int) -> None:
    """First report and steady one of each: the running month and the one before."""
    bench.server.faults.replace([parse_fault("latency=0.02")])
    with job_table(bench.slurm) as table:
        table.insert(made_up(bench.resources, people, jobs))
        for run in (bench.ours, bench.theirs, bench.ours):
            with bench.server.state.lock:
                bench.server.state.forget_usage()
            run("first report", "report")
            run("steady report", "report")


def made_up(resources: int, people: int, jobs: int) -> Iterator[Job]:
    """Jobs all over the last two months, the same in every run within a month."""
    chance = random.Random(1)  # noqa: S311 - nothing secret
    now = int(time.time())
    for _ in range(jobs):
        start = now - chance.randrange(3600, 45 * 86400)
        account, user = f"a_old-{chance.randrange(resources)}", f"user{chance.randrange(people)}"
        yield Job(account, user, start, min(now, start + chance.randrange(60, 86400)), cpus=chance.randrange(1, 129))


def main() -> int:
    """Run what was asked for and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--resources", type=int, default=100)
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=40_000)
    parser.add_argument("--only", choices=["membership", "report"], help="one of the two (default: both)")
    parser.add_argument("--peer", type=Path, default=Path(".bench"), help="where the peer is installed")
    parser.add_argument("--keep", type=Path, help="keep logs and configurations in this directory")
    arguments = parser.parse_args()
    install_peer(arguments.peer)
    with environment(arguments) as bench:
        if arguments.only == "report":
            bench.accounts()
            bench.ours("preparation", "membership_sync")
        else:
            membership(bench, arguments.people)
        if arguments.only != "membership":
            report(bench, arguments.people, arguments.jobs)
        show(bench.costs)
    return 0


def install_peer(folder: Path) -> None:
    """An environment of its own for the peer, made once."""
    if not (folder / "bin" / "waldur_site_agent").exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([folder / "bin" / "python", "-m", "pip", "install", "--quiet", *PEER], check=True)


@contextmanager
def environment(arguments: argparse.Namespace) -> Iterator[Bench]:
    """A Waldur for as long as it is needed, and room for clusters."""
    scenario = world(existing=arguments.resources, people=arguments.people, projects=5)
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as temporary,
        EmulatorServer(scenario) as server,
        ExitStack() as clusters,
    ):
        folder = arguments.keep or Path(temporary)
        wrap(folder)
        yield Bench(folder, server, clusters, arguments.peer.resolve(), arguments.resources)


@contextmanager
def new_cluster() -> Iterator[RealSlurm]:
    """A private Slurm with nothing in it."""
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as directory:
        Path(directory).chmod(0o755)
        cluster = Cluster(Path(directory) / "c")
        cluster.create(ClusterSettings(cluster="bench", gpus=4))
        try:
            cluster.up()
            yield RealSlurm(cluster, "bench")
        finally:
            cluster.down()


def wrap(folder: Path) -> None:
    """Commands that note that they were run; a shell's millisecond each, for both alike."""
    (folder / "bin").mkdir(parents=True, exist_ok=True)
    for program in COMMANDS:
        wrapper = folder / "bin" / program
        wrapper.write_text(f'#!/bin/sh\necho {program} >>{folder}/commands\nexec {shutil.which(program)} "$@"\n')
        wrapper.chmod(0o755)


def show(costs: Mapping[tuple[str, str], Cost]) -> None:
    """The ratios, peer to ours."""
    for what in dict.fromkeys(what for who, what in costs if who == "peer"):
        ours, peer = costs["ours", what], costs["peer", what]
        texts = [
            f"{peer.seconds / ours.seconds:.0f} times the time",
            f"{peer.commands / max(ours.commands, 1):.0f} times the commands",
            f"{peer.requests / max(ours.requests, 1):.1f} times the requests",
        ]
        print(f"{what}: the peer takes {', '.join(texts)}")  # noqa: T201 - output


if __name__ == "__main__":
    sys.exit(main())
