"""See to it that the programs are there that the tests run for real.

What is missing is installed with apt-get where that is allowed; otherwise the command to type is said, and the exit
status is 1. No service is started and none of the machine's own is touched: the tests start private ones.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

PACKAGES = {
    "munged": "munge",
    "mariadbd": "mariadb-server",
    "mariadb-install-db": "mariadb-server",
    "slurmdbd": "slurmdbd",
    "slurmctld": "slurmctld",
    "slurmd": "slurmd",
    "sacctmgr": "slurm-client",
    "sbatch": "slurm-client",
    "rabbitmq-server": "rabbitmq-server",
    "mkhomedir_helper": "libpam-modules",
    "libnss_wrapper.so": "libnss-wrapper",
    "systemd-analyze": "systemd",
    "jq": "jq",
    "cc": "gcc",
    "libc.so": "libc6-dev",
}
"""Program or library to the Debian package that brings it. The compiler makes SLURM's daemons answer at once."""

LIBRARIES = sorted(map(str, Path("/usr/lib").glob("*-linux-gnu")))
"""Where Debian keeps libraries, by machine type."""

POLICY = Path("/usr/sbin/policy-rc.d")
"""Debian asks this program whether a package may start its service; exit status 101 is no."""


def main(search: str | None = None) -> int:
    """Install what is missing. 0: nothing is missing any more.

    Args:
        search: Where all of it is looked for, as in PATH; by default PATH and where Debian keeps daemons and
            libraries.
    """
    if search is None:
        search = ":".join([os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin", "/sbin", *LIBRARIES])
    missing = missing_programs(search)
    if not missing:
        return 0
    packages = sorted({PACKAGES[program] for program in missing})
    command = f"apt-get install --yes --no-install-recommends {' '.join(packages)}"
    apt_get = shutil.which("apt-get", path=search)
    if os.geteuid() != 0 or apt_get is None:
        _say(f"The tests need {', '.join(missing)}. As root, on Debian 12 or newer:\n    {command}")
        return 1
    _say(f"Installing {', '.join(packages)} for the tests; their services are not started")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the policy goes then, too
    install(apt_get, packages)
    if missing := missing_programs(search):
        _say(f"Still missing after {command}: {', '.join(missing)}")
    return 1 if missing else 0


def missing_programs(search: str) -> list[str]:
    """The programs, and libraries, that are not found."""
    return [name for name in PACKAGES if shutil.which(name, _access(name), search) is None]


def _access(name: str) -> int:
    return os.F_OK if name.endswith(".so") else os.F_OK | os.X_OK


def install(apt_get: str, packages: Sequence[str], policy: Path = POLICY) -> None:
    """Install Debian packages without a question asked, and without their services being started."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    with services_held_back(policy):
        for words in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
            command = [apt_get, "--quiet", "-o", "Dpkg::Use-Pty=0", *words]
            # Not checked: an update that fails in part may do, and what counts is which programs are there then.
            subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, check=False)


@contextmanager
def services_held_back(policy: Path) -> Iterator[None]:
    """Forbid packages to start services meanwhile; a policy that the machine has already is left alone."""
    try:
        with policy.open("x") as script:
            script.write("#!/bin/sh\n# Here while waldur-agent's tests install packages; to be removed.\nexit 101\n")
    except FileExistsError:
        yield
        return
    try:
        policy.chmod(0o755)
        yield
    finally:
        policy.unlink()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - this is a command line


if __name__ == "__main__":
    sys.exit(main())
