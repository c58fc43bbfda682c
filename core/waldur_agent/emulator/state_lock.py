"""The lock around the state, which tells when whoever may have changed something lets it go."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType


class StateLock:
    """A lock that its holder may take again.

    Attributes:
        released: Called just before the lock is free again, with the lock held; None asks for nothing.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self.released: Callable[[], None] | None = None

    def __enter__(self) -> None:
        self._lock.acquire()
        self._depth += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if self._depth == 1 and self.released is not None:
                self.released()
        finally:
            self._depth -= 1
            self._lock.release()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Hold it without changing anything, and so without a word afterwards."""
        with self._lock:
            yield
