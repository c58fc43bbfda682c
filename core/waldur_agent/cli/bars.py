"""A progress bar for whoever watches a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from waldur_agent_hookspecs import Outcome


@contextmanager
def progress(total: int, title: str) -> Iterator[Callable[[Outcome], None]]:
    """A bar of ``total`` changes on standard error; none where there is nothing to do."""
    if not total:
        yield lambda _outcome: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(f"{title}: applying", total=total)
        yield lambda _outcome: bar.advance(task)
