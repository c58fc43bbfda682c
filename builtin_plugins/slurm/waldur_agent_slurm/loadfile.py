"""Load files: accounts, limits and members for ``sacctmgr load``, which adds and changes them in one command.

What it does with an account that exists (measured on 22.05): only the options given change; an account under another
``Parent`` than its own is moved there, so it is listed under its own. A cluster that does not exist is made, so the
name must come from a reading. A member who is in already stays as is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from waldur_agent_hookspecs import NO_LIMITS, Limits

MAX_ACCOUNTS: Final = 100
MAX_MEMBERS: Final = 1500
"""Per file. A load of 203 accounts and 2,000 members takes slurmdbd 5 s, in one transaction."""


@dataclass(frozen=True, slots=True)
class AccountEntry:
    """An account to be made (``new``), or limits to be set on one that exists. No description leaves it as it is.

    ``moved`` are those that slurmdbd will revive under another parent; they go into files of their own.
    """

    name: str
    parent: str
    description: str = ""
    organization: str = ""
    limits: Limits = field(default_factory=lambda: NO_LIMITS)
    new: bool = True
    moved: bool = False

    @property
    def key(self) -> str:
        """What the entry is known by within a batch."""
        return self.name

    def line(self) -> str:
        """The line of the load file."""
        text = f"Account - '{self.name}'"
        if self.description:
            text += f":Description='{self.description}':Organization='{self.organization}'"
        if self.limits:
            text += f":GrpTRESMins='{tres_text(self.limits)}'"
        return text


@dataclass(frozen=True, slots=True)
class MemberEntry:
    """A member to be added to an account, or limits to be set on that association; -1 frees one.

    No default account is given: that would put the user into it as well.
    """

    user: str
    parent: str
    limits: Limits = field(default_factory=lambda: NO_LIMITS)

    @property
    def key(self) -> str:
        """What the entry is known by within a batch; no account has a name like this."""
        return f"{self.user} in {self.parent}"

    def line(self) -> str:
        """The line of the load file."""
        limits = f":GrpTRESMins='{tres_text(self.limits)}'" if self.limits else ""
        return f"User - '{self.user}'{limits}"


Entry = AccountEntry | MemberEntry


@dataclass(frozen=True, slots=True)
class LoadFile:
    """Text and, by line number from 1, the entry that each line is for."""

    text: str
    entries: Mapping[int, Entry]


def tres_text(limits: Mapping[str, Decimal]) -> str:
    """Limits as SLURM reads them: whole numbers, memory in MB, sorted."""
    return ",".join(f"{name}={int(amount)}" for name, amount in sorted(limits.items()))


def load_file(cluster: str, entries: Iterable[Entry]) -> LoadFile:
    """Write entries, whose accounts come before what needs them, as a load file."""
    lines = [f"Cluster - '{cluster}'"]
    found: dict[int, Entry] = {}
    parent = ""
    for entry in entries:
        if entry.parent != parent:
            parent = entry.parent
            lines.append(f"Parent - '{parent}'")
        lines.append(entry.line())
        found[len(lines)] = entry
    return LoadFile("\n".join(lines) + "\n", MappingProxyType(found))


def in_order(accounts: Iterable[AccountEntry], members: Iterable[MemberEntry]) -> list[Entry]:
    """Sort entries so that each account comes after its parent, members last, equal parents together."""
    by_name = {entry.name: entry for entry in accounts}

    def depth(entry: AccountEntry) -> int:
        above = by_name.get(entry.parent)
        return 1 + depth(above) if above else 0

    ordered = sorted(by_name.values(), key=lambda entry: (depth(entry), entry.moved, entry.parent, entry.name))
    return [*ordered, *sorted(members, key=lambda entry: (entry.parent, entry.user))]


def chunks(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Cut ordered entries into what one load file holds: accounts that are moved never with other entries."""
    chunk: list[Entry] = []
    accounts = members = 0
    for entry in entries:
        is_account = isinstance(entry, AccountEntry)
        is_full = accounts == MAX_ACCOUNTS if is_account else members == MAX_MEMBERS
        if is_full or (chunk and _is_moved(chunk[-1]) != _is_moved(entry)):
            yield chunk
            chunk, accounts, members = [], 0, 0
        chunk.append(entry)
        accounts, members = accounts + is_account, members + (not is_account)
    if chunk:
        yield chunk


def _is_moved(entry: Entry) -> bool:
    return isinstance(entry, AccountEntry) and entry.moved
