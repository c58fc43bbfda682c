"""Accounts that slurmdbd had before.

Adding a name that was deleted revives the old row, with its old id and usage. Where the new parent is another one the
row is moved, and moving goes wrong in one transaction with rows that are new (seen on 22.05): the numbers by which
slurmdbd finds what is below an account overlap afterwards, and a later deletion takes other accounts along. Revived
rows in a load of their own are moved correctly.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace

from .loadfile import AccountEntry


def mark_moved(
    entries: Iterable[AccountEntry], deleted_parents: Callable[[Collection[str]], Mapping[str, str]]
) -> list[AccountEntry]:
    """Mark new accounts that slurmdbd will revive under another parent than their old one.

    Args:
        entries: Accounts to be made or changed.
        deleted_parents: Reads the parents of deleted accounts, by name; called only when something is new.

    Raises:
        NotReady: they could not be read.
    """
    wanted = list(entries)
    names = {entry.name for entry in wanted if entry.new}
    parents = deleted_parents(names) if names else {}
    return [replace(entry, moved=parents.get(entry.name, entry.parent) != entry.parent) for entry in wanted]
