"""What is waiting to be looked at: each object once, however often it was hinted at."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from waldur_agent.modes.focus import Hint, Kind

MOST = 5000
"""More waiting objects than this are one whole pass instead: memory stays bounded whatever comes in."""


@dataclass(slots=True)
class _Entry:
    due: float
    attempts: int = 0


class Pending:
    """Filled by the threads that receive, emptied by the one that works.

    Args:
        clock: Monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._entries: dict[Hint, _Entry] = {}
        self._changed = threading.Condition()
        self._closed = False

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, hints: Iterable[Hint], seconds: float = 0) -> None:
        """Have objects looked at in so many seconds, or earlier where that was asked for already."""
        due = self._clock() + seconds
        with self._changed:
            for hint in hints:
                entry = self._entries.setdefault(hint, _Entry(due))
                entry.due = min(entry.due, due)
            if len(self._entries) > MOST:
                self._condense(due)
            self._changed.notify()

    def again(self, hint: Hint, attempts: int, seconds: float) -> None:
        """Have one looked at again that did not work out."""
        self.add([hint], seconds)
        with self._changed:
            if hint in self._entries:
                self._entries[hint].attempts = attempts

    def take(self, seconds: float) -> Mapping[Hint, int]:
        """Everything that is due, with how often each was tried; waits up to so many seconds for the first of it."""
        end = self._clock() + seconds
        with self._changed:
            while not self._closed:
                now = self._clock()
                due = [hint for hint, entry in self._entries.items() if entry.due <= now]
                if due:
                    return {hint: self._entries.pop(hint).attempts for hint in due}
                soonest = min((entry.due for entry in self._entries.values()), default=end)
                if now >= end:
                    break
                self._changed.wait(min(soonest, end) - now)
        return {}

    def close(self) -> None:
        """Wake whoever waits; nothing is given out any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _condense(self, due: float) -> None:
        """Let whole passes take the place of single objects."""
        single = {hint for hint in self._entries if hint.uuid}
        orders = {hint for hint in single if hint.kind is Kind.ORDER}
        for hint in single:
            del self._entries[hint]
        wholes = [*([Kind.ALL_ORDERS] if orders else []), *([Kind.ALL_MEMBERS] if single - orders else [])]
        for kind in wholes:
            entry = self._entries.setdefault(Hint(kind), _Entry(due))
            entry.due = min(entry.due, due)
