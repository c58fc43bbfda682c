"""The ``mam-*`` commands."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from waldur_agent_hookspecs.commands import Commands

READ_SECONDS: Final = 300.0
WRITE_SECONDS: Final = 600.0
"""Large accounts give long listings; whatever takes this long hangs."""


class MamClient(Commands):
    """Finds MAM's commands and runs them, one at a time; ``bin_path`` is their directory, None looks on ``PATH``."""

    def __init__(self, bin_path: Path | None) -> None:
        super().__init__(
            bin_path,
            setting="moab_bin_path",
            install="install MAM's commands, add /opt/mam/bin to PATH",
            suspect="MAM",
            seconds=READ_SECONDS,
        )
