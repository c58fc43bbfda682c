"""The clusters that the demo can put behind the agent."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


class Cluster(ABC):
    """A cluster on this machine, and how to look at it."""

    name: str

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @abstractmethod
    def settings(self) -> list[str]:
        """Lines for ``backend_settings``."""

    @contextmanager
    def running(self) -> Iterator[dict[str, str]]:
        """The cluster for as long as it is needed; gives the environment that finds it."""
        yield {}

    @abstractmethod
    def show(self, env: dict[str, str]) -> None:
        """Print accounts, limits and members."""

    def prepare(self, config: Path, resources: list[dict[str, Any]], env: dict[str, str]) -> None:
        """Make the accounts that Waldur's resources have had since before the story begins."""
        maker = Path(__file__).with_name("yesterday.py")
        subprocess.run([sys.executable, maker, config], input=json.dumps(resources), env=env, text=True, check=True)


class Sandbox(Cluster):
    """A cluster in one SQLite file."""

    name = "one SQLite file"

    def settings(self) -> list[str]:
        """Where the file is."""
        return [f"database: {self.folder}/cluster.sqlite"]

    @contextmanager
    def running(self) -> Iterator[dict[str, str]]:
        """Make the file."""
        self._command("init")
        yield {}

    def show(self, env: dict[str, str]) -> None:
        """As the sandbox shows it itself."""
        del env
        self._command("show")

    def _command(self, verb: str) -> None:
        command = [sys.executable, "-m", "waldur_agent_sandbox", verb, f"{self.folder}/cluster.sqlite"]
        subprocess.run(command, check=True)


class Slurm(Cluster):
    """A private real Slurm: munged, mariadbd, slurmdbd, slurmctld and slurmd, all below the demo's folder."""

    name = "a private real Slurm"

    def settings(self) -> list[str]:
        """The people of the story have no accounts on this machine."""
        return ["require_os_user: false"]

    @contextmanager
    def running(self) -> Iterator[dict[str, str]]:
        """Start it, and stop it whatever happens."""
        try:
            exports = self._slurm_up(self.folder / "slurm").stdout
            words = (line.removeprefix("export ").partition("=") for line in exports.splitlines())
            yield {name: value.strip("'") for name, _, value in words}
        finally:
            self._slurm_up("--down", self.folder / "slurm")

    def _slurm_up(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "services.slurm_up", *arguments],
            env={**os.environ, "PYTHONPATH": str(ROOT / "tests")},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )

    def show(self, env: dict[str, str]) -> None:
        """As Slurm shows it itself."""
        fields = "format=account%24,user%12,parentname%16,grptresmins%30"
        subprocess.run(["sacctmgr", "show", "assoc", "tree", fields], env=env, check=True)


CLUSTERS: dict[str, type[Cluster]] = {"sandbox": Sandbox, "slurm": Slurm}
