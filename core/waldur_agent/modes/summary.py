"""What a pass over one offering came to."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Summary:
    """Counts for the log, and the troubles that make the exit status 1."""

    done: int = 0
    troubles: list[str] = field(default_factory=list)

    def trouble(self, text: str) -> None:
        """Note something that failed, was unreachable or is held; it is logged here and nowhere else."""
        log.error("%s", text)
        self.troubles.append(text)

    def add(self, other: Summary) -> None:
        """Take another summary in."""
        self.done += other.done
        self.troubles += other.troubles
