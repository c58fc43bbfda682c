"""A progress bar for whoever watches a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


@contextmanager
def progress(total: int | None, title: str) -> Iterator[Callable[[object], None]]:
    """A bar of ``total`` steps on standard error, a pulsing one for None; none where there is nothing to do."""
    if total == 0:
        yield lambda _step: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(title, total=total)
        yield lambda _step: bar.advance(task)
