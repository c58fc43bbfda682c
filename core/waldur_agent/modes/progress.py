"""How a mode tells how far it is. The command line puts a bar behind it, a service nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

Progress = Callable[[int | None, str], AbstractContextManager[Callable[[object], None]]]
"""Given the number of steps (None: not known) and what is being done; gives what is called as each step ends."""


@contextmanager
def silent(_total: int | None, _title: str) -> Iterator[Callable[[object], None]]:
    """Tells nobody."""
    yield lambda _step: None


def heard(progress: Progress, alive: Callable[[], None]) -> Progress:
    """The progress, of which somebody else hears too."""

    @contextmanager
    def told(total: int | None, title: str) -> Iterator[Callable[[object], None]]:
        with progress(total, title) as ended:

            def finished(step: object) -> None:
                alive()
                ended(step)

            yield finished

    return told
