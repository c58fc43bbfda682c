"""Where the commands are looked for, and what is said where they are not."""

from __future__ import annotations

from pathlib import Path

import pytest
from waldur_agent_hookspecs import NotReady
from waldur_agent_moab.client import MamClient


def test_a_command_that_is_not_there_is_said_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotReady, match=r"mam-deposit is not in .*moab_bin_path"):
        MamClient(tmp_path).run("mam-deposit", [])
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotReady, match=r"not on PATH; install MAM's .* or set moab_bin_path"):
        MamClient(None).run("mam-deposit", [])
