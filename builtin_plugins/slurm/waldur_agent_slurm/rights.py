"""What slurmdbd lets the agent's user do and see."""

from __future__ import annotations

import os
import pwd
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from waldur_agent_hookspecs import NotReady

if TYPE_CHECKING:
    from .accounting import Accounting

ADMINISTRATOR: Final = "Administrator"
"""Who may load accounts."""

_SEES_ALL: Final = frozenset({"Operator", ADMINISTRATOR})
_DAEMON: Final = "SlurmDBD configuration:"


@dataclass(frozen=True, slots=True)
class Rights:
    """The rights of one user of this machine, by default of the agent's own."""

    accounting: Accounting
    uid: int = field(default_factory=os.geteuid)

    @property
    def user(self) -> str:
        """The user's name; the number where there is none."""
        try:
            return pwd.getpwuid(self.uid).pw_name
        except KeyError:
            return str(self.uid)

    def level(self) -> str:
        """Read the level: ``None``, ``Operator`` or ``Administrator``, or words that say that there is none.

        Raises:
            NotReady: it could not be read.
        """
        user = self.user
        found = self.accounting.listed("user", "admin", "where", f"name={user}") if not user.isdigit() else ()
        return found[0] if found else "unknown to slurmdbd"

    def must_see_all_jobs(self) -> None:
        """Make sure that ``sacct -a`` shows all jobs. With too few rights it shows fewer, or none, and ends well.

        Raises:
            NotReady: it may not, or that could not be read.
        """
        if self.uid == 0 or self.level() in _SEES_ALL or not self._jobs_are_private():
            return
        raise NotReady(
            f"slurmdbd keeps jobs private (PrivateData) and would show the user {self.user} only its own, so that "
            f"usage cannot be read; sacctmgr modify user {self.user} set adminlevel=Operator"
        )

    def _jobs_are_private(self) -> bool:
        shown = "\n".join(self.accounting.configuration())
        ours = shown.partition(_DAEMON)[2] or shown
        private = re.search(r"^PrivateData\s*= (.*)$", ours, re.MULTILINE)
        of_slurm = re.search(rf"^SlurmUser\s*= .*\({self.uid}\)$", ours, re.MULTILINE)
        return not of_slurm and (private is None or "jobs" in private[1])
