"""How a mode tells how far it is. The command line puts a bar behind it, a service nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from waldur_agent_hookspecs import Outcome

Progress = Callable[[int, str], AbstractContextManager[Callable[[Outcome], None]]]
"""Given the number of changes and what they are for; gives what is called as each change ends."""


@contextmanager
def silent(_total: int, _title: str) -> Iterator[Callable[[Outcome], None]]:
    """Tells nobody."""
    yield lambda _outcome: None


def heard(progress: Progress, alive: Callable[[], None]) -> Progress:
    """The progress, of which somebody else hears too."""

    @contextmanager
    def told(total: int, title: str) -> Iterator[Callable[[Outcome], None]]:
        with progress(total, title) as ended:

            def finished(outcome: Outcome) -> None:
                alive()
                ended(outcome)

            yield finished

    return told
