"""``waldur-agent emulator``: a Waldur on this machine. Needs the extra ``waldur-agent[emulator]``."""

from __future__ import annotations

from waldur_agent.emulator.command import add_arguments, run

__all__ = ["add_arguments", "run"]
