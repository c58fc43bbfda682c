"""When to try again. Pure: chance and time are given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import SystemRandom

LONGEST_SECONDS = 60.0
JITTER = 0.25

RESTART_SECONDS = 4.0
RESTART_WINDOW = 300.0
"""A broker that was there a moment ago is most likely being restarted, and everything waits for it: for so long the
waits after a connection that stood do not grow beyond :data:`RESTART_SECONDS`."""


@dataclass
class Backoff:
    """Waits of 1 s, doubling up to 60 s, each 25 % shorter or longer by chance, without an end.

    Args:
        chance: Gives a number from 0 up to 1.
    """

    chance: Callable[[], float] = field(default_factory=lambda: SystemRandom().random)

    def after_failure(self) -> Iterator[float]:
        """The waits where no connection has stood yet."""
        return self._waits(restart=False)

    def after_loss(self) -> Iterator[float]:
        """The waits after one that stood: 1, 2, 4, and 4 for five minutes before they go on to double."""
        return self._waits(restart=True)

    def _waits(self, *, restart: bool) -> Iterator[float]:
        nominal, waited = 1.0, 0.0
        while True:
            wait = nominal * (1 - JITTER + 2 * JITTER * self.chance())
            yield wait
            waited += wait
            held = restart and nominal >= RESTART_SECONDS and waited < RESTART_WINDOW
            nominal = nominal if held else min(2 * nominal, LONGEST_SECONDS)


def retry_seconds(attempts: int) -> float:
    """How long an object that could not be dealt with is left alone: half a second, doubling up to five minutes."""
    return float(min(0.5 * 2 ** min(attempts, 20), 300.0))
