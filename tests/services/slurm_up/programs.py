"""The programs that the cluster is made of, and how to install those that are not there."""

from __future__ import annotations

import os
import shutil
from typing import Final

from services.install import PACKAGES

PROGRAMS: Final = (
    "munged",
    "mariadbd",
    "mariadb-install-db",
    "slurmdbd",
    "slurmctld",
    "slurmd",
    "sacctmgr",
    "sbatch",
)


def search_path() -> str:
    """``PATH`` with the directories in which Debian keeps daemons: not everybody has them there."""
    return os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", "/sbin"])


def missing_packages() -> list[str]:
    """Packages whose programs are not there; empty where the cluster can be started."""
    path = search_path()
    return sorted({PACKAGES[program] for program in PROGRAMS if not shutil.which(program, path=path)})


def install_hint(packages: list[str]) -> str:
    """The command that installs packages."""
    return f"apt-get install --yes --no-install-recommends {' '.join(packages)}"
