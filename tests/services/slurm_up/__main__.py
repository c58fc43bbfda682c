"""Starts and stops a private cluster from a shell.

eval "$(python -m services.slurm_up DIR)"       start it (or find it started) and point this shell at it
python -m services.slurm_up --status DIR        which programs run
python -m services.slurm_up --down DIR          stop it; its state is kept, a later start goes on from it
python -m services.slurm_up --down --wipe DIR   stop it and delete the directory

Exit status 0: good; 1: failed, the reason is on standard error.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .cluster import Cluster, ClusterSettings
from .processes import SlurmUpError
from .programs import install_hint, missing_packages


def main() -> int:
    """Do what the command line asks for."""
    arguments = _parser().parse_args()
    try:
        if arguments.status:
            return _status(arguments.dir)
        if arguments.down:
            return _down(arguments.dir, wipe=arguments.wipe)
        return _up(arguments)
    except SlurmUpError as error:
        _say(str(error))
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="slurm_up", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    default = ClusterSettings()
    parser.add_argument("dir", type=Path, help="state directory")
    parser.add_argument("--down", action="store_true", help="stop the cluster")
    parser.add_argument("--wipe", action="store_true", help="with --down: delete the state directory too")
    parser.add_argument("--status", action="store_true", help="print each program's pid")
    parser.add_argument("--cluster", default=default.cluster, help="cluster name (default %(default)s)")
    parser.add_argument("--nodes", type=int, default=default.nodes, help="how many slurmd (default %(default)s)")
    parser.add_argument("--cpus", type=int, default=default.cpus, help="CPUs of each node (default %(default)s)")
    parser.add_argument("--gpus", type=int, default=default.gpus, help="GPUs of each node (default %(default)s)")
    parser.add_argument("--port-base", type=int, default=0, help="first of 3 + nodes ports (default: free ones)")
    parser.add_argument("--enforce", default=default.enforce, help="AccountingStorageEnforce")
    parser.add_argument("--half-life", default=default.half_life, help="PriorityDecayHalfLife (default: no decay)")
    parser.add_argument(
        "--conf", action="append", default=[], metavar="LINE", help="a line for slurm.conf (repeatable)"
    )
    return parser


def _status(directory: Path) -> int:
    state = Cluster(directory).status()
    for name, pid in state.items():
        sys.stdout.write(f"{name}\t{pid or 'not running'}\n")
    return 0 if all(state.values()) else 1


def _down(directory: Path, *, wipe: bool) -> int:
    if not directory.exists():
        _say(f"nothing to stop: {directory} does not exist")
        return 0
    stopped = Cluster(directory).down(wipe=wipe)
    _say(f"stopped: {', '.join(stopped) or 'nothing was running'}")
    return 0


def _up(arguments: argparse.Namespace) -> int:
    if missing := missing_packages():
        raise SlurmUpError(f"programs are missing; {install_hint(missing)}")
    began = time.monotonic()
    directory: Path = arguments.dir
    directory.mkdir(parents=True, exist_ok=True)
    with _alone(directory):
        cluster = Cluster(directory)
        cluster.create(_settings(arguments))
        cluster.up()
    name = cluster.state.cluster if cluster.state else ""
    _say(f"cluster {name!r} is up in {time.monotonic() - began:.1f} s ({cluster.directory})")
    exports = {
        "SLURM_CONF": cluster.environment["SLURM_CONF"],
        "SLURM_UP_DIR": str(cluster.directory),
        "SLURM_UP_CLUSTER": name,
        "SLURM_UP_MYSQL_SOCKET": str(cluster.mysql_socket),
    }
    for variable, value in exports.items():
        sys.stdout.write(f"export {variable}={shlex.quote(value)}\n")
    return 0


def _settings(arguments: argparse.Namespace) -> ClusterSettings:
    return ClusterSettings(
        cluster=arguments.cluster,
        nodes=arguments.nodes,
        cpus=arguments.cpus,
        gpus=arguments.gpus,
        port_base=arguments.port_base,
        enforce=arguments.enforce,
        half_life=arguments.half_life,
        extra=tuple(arguments.conf),
    )


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Of two starts at once, the second waits, and finds the cluster up."""
    lock = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _say(text: str) -> None:
    sys.stderr.write(f"slurm-up: {text}\n")


if __name__ == "__main__":
    sys.exit(main())
