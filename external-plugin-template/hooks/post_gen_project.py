"""Keeps the files of the kind that was asked for."""

from __future__ import annotations

import shutil
from pathlib import Path

KINDS = Path("kinds")

shutil.copytree(KINDS / "{{ cookiecutter.kind }}", ".", dirs_exist_ok=True)
shutil.rmtree(KINDS)
