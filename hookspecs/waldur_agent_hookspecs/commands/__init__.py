"""For plugins whose backend is a set of commands: they run so that nothing breaks, whoever is killed when.

Nothing of this is needed to answer a hook; core knows nothing of it. :class:`Commands` runs programs to their end,
:func:`locked` keeps other agents, and commands that a killed agent left to finish, from writing at the same time.
"""

from __future__ import annotations

from .answers import Answer, CommandFailed, CommandLost
from .lock import lock_directory, locked
from .programs import Commands

__all__ = ["Answer", "CommandFailed", "CommandLost", "Commands", "lock_directory", "locked"]
