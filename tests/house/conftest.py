"""The checkout that the tests about the house look at."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def root() -> Path:
    return Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def tracked(root: Path) -> list[Path]:
    """Every file that is in git or on its way there."""
    # safe.directory: in a container the checkout often belongs to another user.
    command = ["git", "-c", f"safe.directory={root}", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout
    return [root / name for name in listed.split("\0") if name and (root / name).is_file()]


@pytest.fixture(scope="session")
def modules(tracked: list[Path], root: Path) -> list[Path]:
    """Every Python file of ours; the plugin template is not Python until it is rendered."""
    template = root / "external-plugin-template"
    return [path for path in tracked if path.suffix == ".py" and not path.is_relative_to(template)]


@pytest.fixture(scope="session")
def distributions(root: Path) -> list[Path]:
    """The folder of each distribution."""
    return [
        root / "hookspecs",
        root / "core",
        *sorted(path.parent for path in root.glob("builtin_plugins/*/pyproject.toml")),
    ]
