"""SLURM's commands."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from waldur_agent_hookspecs.commands import Commands

READ_SECONDS: Final = 120.0
WRITE_SECONDS: Final = 600.0
"""Deleting 200 accounts takes slurmdbd 20 s, a large load 10 s: whatever takes this long hangs."""


class SlurmClient(Commands):
    """Finds SLURM's commands and runs them, one at a time.

    Args:
        bin_path: Their directory; None looks them up on ``PATH``, at each call.
        read_seconds: How long a command may take, unless the caller says otherwise.
    """

    def __init__(self, bin_path: Path | None, *, read_seconds: float = READ_SECONDS) -> None:
        super().__init__(
            bin_path,
            setting="slurm_bin_path",
            install="install SLURM's client commands",
            suspect="slurmdbd",
            seconds=read_seconds,
        )
