"""What people type."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path


def test_help_lists_every_target(root: Path) -> None:
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    (phony,) = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    shown = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=root, check=True, capture_output=True, text=True
    )
    assert [line.split()[0] for line in shown.stdout.splitlines()] == phony.split()


def test_what_a_change_must_pass_are_targets_that_people_type(root: Path) -> None:
    script = (root / ".ci" / "run").read_text(encoding="utf-8")
    commands = [line for line in script.splitlines() if line and not line.startswith("#")]
    assert commands == ["set -euo pipefail", 'cd "$(dirname "$0")/.."', "make lint", "make test", "make demo"]
