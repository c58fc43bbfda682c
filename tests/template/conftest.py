"""Plugins rendered from the template, and environments of their own that have nothing of ours but built wheels."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from cookiecutter.main import cookiecutter  # type: ignore[import-untyped] # it has no types

ROOT = Path(__file__).resolve().parents[2]
Render = Callable[..., Path]


@pytest.fixture
def render(tmp_path: Path) -> Render:
    """Renders a plugin into ``tmp_path``, from these answers; gives its folder."""
    # Nobody's defaults, and no replies left in anybody's home.
    config = tmp_path / "cookiecutter.yaml"
    config.write_text(f"replay_dir: {tmp_path}/replies\n")

    def run(**answers: str) -> Path:
        template = str(ROOT / "external-plugin-template")
        folder = cookiecutter(
            template, no_input=True, extra_context=answers, output_dir=str(tmp_path), config_file=str(config)
        )
        return Path(folder)

    return run


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the wheels that a plugin's author installs."""
    folder = tmp_path_factory.mktemp("wheels")
    for name in ("hookspecs", "core", "builtin_plugins/usernames", "builtin_plugins/sandbox"):
        command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
        subprocess.run(command, cwd=ROOT / name, check=True, capture_output=True)
    return folder


@dataclass(frozen=True)
class Environment:
    """A virtual environment."""

    folder: Path

    def run(self, *command: str, cwd: Path, **environ: str) -> str:
        """Run one of its programs to a good end; gives everything that was said."""
        argv = [str(self.folder / "bin" / command[0]), *command[1:]]
        ended = subprocess.run(
            argv,
            cwd=cwd,
            env={**_without_python(os.environ), **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, f"{' '.join(command)} ended with {ended.returncode}:\n{ended.stdout}"
        return ended.stdout


def _without_python(environ: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environ.items() if not name.startswith(("PYTHON", "PYTEST", "COV"))}


@pytest.fixture(scope="session")
def pip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python that has pip: making it takes longer than all that it does here."""
    folder = tmp_path_factory.mktemp("pip")
    venv.create(folder, with_pip=True, symlinks=True)
    return folder / "bin" / "python"


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    """An environment with all that is installed here but nothing of ours.

    What others made is linked from this environment: no package index is needed, and what is tried is what is
    constrained.
    """
    folder = tmp_path / "venv"
    venv.create(folder, symlinks=True)
    target = Path(sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)}))
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        ours = "waldur_agent" in entry.name
        if not ours and entry.suffix != ".pth" and not (target / entry.name).exists():
            (target / entry.name).symlink_to(entry)
    (folder / "bin" / "ruff").symlink_to(Path(sys.executable).with_name("ruff"))
    return Environment(folder)
