"""What a pass over one offering came to."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from waldur_agent.modes.focus import Hint

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Summary:
    """Counts for the log, and the troubles that make the exit status 1.

    Attributes:
        failed: The pass ended before its end.
        left: What waits, and is to be looked at again: a polling mode does so in its next cycle anyway.
        unseen: What was hinted at and is not there (yet): the hint may have overtaken it.
    """

    done: int = 0
    troubles: list[str] = field(default_factory=list)
    failed: bool = False
    left: set[Hint] = field(default_factory=set)
    unseen: set[Hint] = field(default_factory=set)

    def trouble(self, text: str) -> None:
        """Note something that failed, was unreachable or is held; it is logged here and nowhere else."""
        log.error("%s", text)
        self.troubles.append(text)

    def add(self, other: Summary) -> None:
        """Take another summary in."""
        self.done += other.done
        self.troubles += other.troubles
        self.failed = self.failed or other.failed
        self.left |= other.left
        self.unseen |= other.unseen
