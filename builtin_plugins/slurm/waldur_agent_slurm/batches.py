"""Cuts long lists of names, so that no command becomes too long for Linux or too large for slurmdbd."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

MAX_NAMES: Final = 200
"""slurmdbd needs a tenth of a second for each account that it deletes, in one transaction."""

MAX_CHARACTERS: Final = 60_000
"""One argument may have 128 KiB."""


def batches(names: Iterable[str], size: int = MAX_NAMES) -> Iterator[Sequence[str]]:
    """Cut sorted names into batches of at most ``size`` names and :data:`MAX_CHARACTERS` characters."""
    batch: list[str] = []
    length = 0
    for name in sorted(names):
        if batch and (len(batch) >= size or length + len(name) > MAX_CHARACTERS):
            yield batch
            batch, length = [], 0
        batch.append(name)
        length += len(name) + 1
    if batch:
        yield batch
