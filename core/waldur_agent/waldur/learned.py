"""What a process has found out about a server by asking: it is asked and logged once."""

from __future__ import annotations

import logging
import threading

log = logging.getLogger(__name__)


class Learned:
    """Names of facts. Safe to use from several threads.

    Args:
        facts: Handed from pass to pass; changed here.
    """

    def __init__(self, facts: set[str]) -> None:
        self._facts = facts
        self._lock = threading.Lock()

    def __contains__(self, fact: str) -> bool:
        with self._lock:
            return fact in self._facts

    def add(self, fact: str) -> bool:
        """Remember it; True where it was not known before."""
        with self._lock:
            new = fact not in self._facts
            self._facts.add(fact)
            return new

    def lacks(self, name: str) -> None:
        """Remember that this server has no ``name``, and log it the first time."""
        if self.add(name):
            log.info("This server has no %s; going on without it.", name)
