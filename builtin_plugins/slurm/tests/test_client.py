"""Where the commands are looked for, and what is said where they are not."""

from __future__ import annotations

from pathlib import Path

import pytest
from waldur_agent_hookspecs import NotReady
from waldur_agent_slurm.client import SlurmClient


def test_a_command_that_is_not_there_is_said_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotReady, match=r"sacctmgr is not in .*slurm_bin_path"):
        SlurmClient(tmp_path).run("sacctmgr", [])
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotReady, match=r"not on PATH; install SLURM's .* or set slurm_bin_path"):
        SlurmClient(None).run("sacctmgr", [])
