"""Pages that are generated are current."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_the_list_of_conformance_checks_is_current(root: Path) -> None:
    command = [sys.executable, "-m", "waldur_agent_hookspecs.conformance"]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert (root / "docs" / "conformance.md").read_text(encoding="utf-8") == printed
