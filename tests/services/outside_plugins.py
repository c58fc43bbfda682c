"""Plugin distributions that are not of this repository: written, built as a wheel, and installed into a folder."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

MANIFEST = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "{name}"
version = "3.1"
dependencies = ["waldur-agent-hookspecs"]

{entry_points}

[tool.hatch.build.targets.wheel]
packages = ["{package}"]
"""


def install(folder: Path, name: str, source: str, entry_points: Mapping[str, Mapping[str, str]]) -> Path:
    """Build a distribution of one module and install it; gives the folder to be put on ``PYTHONPATH``.

    Args:
        folder: Where all of it happens.
        name: The distribution's name.
        source: The module.
        entry_points: By group, the class in that module by the entry point's name.
    """
    package = name.replace("-", "_")
    project, target = folder / name, folder / f"{name}-installed"
    (project / package).mkdir(parents=True)
    (project / package / "__init__.py").write_text(source, encoding="utf-8")
    groups = "\n".join(
        f'[project.entry-points."{group}"]\n' + "\n".join(f'{key} = "{package}:{cls}"' for key, cls in points.items())
        for group, points in entry_points.items()
    )
    manifest = MANIFEST.format(name=name, package=package, entry_points=groups)
    (project / "pyproject.toml").write_text(manifest, encoding="utf-8")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist")]
    subprocess.run(command, cwd=project, check=True, capture_output=True)
    (wheel,) = (folder / "dist").glob(f"{package}-*.whl")
    # A wheel of pure Python is its own installed form.
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)
    return target
