"""Which plugin does which of the agent's jobs for an offering."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from .document import Document
from .sections import OfferingSection
from .tree import Where


class Role(StrEnum):
    """A job that an offering can give to a backend, or leave undone."""

    ORDER_PROCESSING = "order_processing"
    MEMBERSHIP_SYNC = "membership_sync"
    REPORTING = "reporting"

    @property
    def key(self) -> str:
        """The offering's key that names the plugin."""
        return f"{self.value}_backend"


def backends(
    section: OfferingSection, given: Mapping[str, object], document: Document, where: Where
) -> Mapping[Role, tuple[str, Where]]:
    """For each job that is to be done the name of its plugin, and where it was named.

    Any key of a job, even an empty one, says that the jobs are given out one by one; only without them the older
    ``backend_type`` stands for all three.
    """
    if any(role.key in given for role in Role):
        named = {role: (getattr(section, role.key), (*where, role.key)) for role in Role}
    else:
        named = dict.fromkeys(Role, (section.backend_type.lower(), (*where, "backend_type")))
    chosen = {role: choice for role, choice in named.items() if choice[0]}
    # A key of the wrong type has been told already.
    complete = all(isinstance(given.get(key, ""), str) for key in ("backend_type", *(role.key for role in Role)))
    if not chosen and complete:
        keys = ", ".join(role.key for role in Role)
        document.complain(where, "names no backend", expected=f"backend_type, or at least one of {keys}")
    return chosen
