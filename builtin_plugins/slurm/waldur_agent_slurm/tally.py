"""Adds up what ``sacct`` prints, one line for each run of a job, in memory that does not grow with their number."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from decimal import Decimal
from typing import Final, TypeVar

from waldur_agent_hookspecs import Amounts, Usage

from . import parser

_T = TypeVar("_T")

COLUMNS: Final = ("Account", "User", "AllocTRES", "ElapsedRaw")
"""``format=`` of the command. The time comes last, so that what precedes it is the same for many lines."""

SECONDS_PER_UNIT: Final = 60

_SECONDS: Final = re.compile(rb"\d{1,12}\n")
KEPT: Final = 10_000
"""A few MB."""

_COUNTS: Final = 2**63
"""Where SLURM's own numbers end; what it means by "not set" and "infinite" is beyond."""


class Tally:
    """Seconds times what was held, by account, user and component.

    Args:
        accounts: Whose jobs count, in lower case; those of others are passed over.
        components: Which TRES count.
        kept: How many different lines, their times left out, are kept before they are taken apart.
    """

    def __init__(self, accounts: Collection[str], components: Collection[str], kept: int = KEPT) -> None:
        self._kept = kept
        self._components = frozenset(components)
        self._used = {account: _by_user() for account in accounts}
        self._runs: defaultdict[bytes, int] = defaultdict(int)
        self._rest = b""
        # Jobs have much in common with each other.
        self._amounts = _Remembered(self._find_amounts)
        self._parts = _Remembered(self._read_part)
        self.holding_nothing: set[str] = set()
        """Accounts with jobs that took time, of which SLURM does not say what they held."""

    def take(self, lines: Iterable[bytes]) -> None:
        """Add lines, each with its end.

        Raises:
            parser.UnreadableError: one of them cannot be understood; its text quotes it.
        """
        runs = self._runs
        for line in lines:
            run, _, seconds = line.rpartition(b"|")
            if not _SECONDS.fullmatch(seconds):
                self._strange(line)
                continue
            runs[run] += int(seconds)
            if len(runs) > self._kept:
                self._settle()

    def usage(self) -> dict[str, Usage]:
        """What was used in TRES minutes (memory in MB minutes), by account; for each account that was asked for.

        Raises:
            parser.UnreadableError: a line cannot be understood, or the last one was cut.
        """
        if self._rest:
            raise parser.UnreadableError(f"the answer ends in the middle of a line: {_quoted(self._rest)}")
        self._settle()
        return {account: _usage(users) for account, users in self._used.items()}

    def _strange(self, line: bytes) -> None:
        if not line.endswith(b"\n"):
            self._rest = line  # why it was cut, the exit status may tell better
        elif line.strip():
            raise parser.UnreadableError(f"the line {_quoted(line)} does not end with a number of seconds")

    def _settle(self) -> None:
        for run, seconds in self._runs.items():
            try:
                self._count(run, Decimal(seconds))
            except parser.UnreadableError as error:
                raise parser.UnreadableError(f"{error}, in the line {_quoted(run)}|…") from error
        self._runs.clear()
        for remembered in (self._amounts, self._parts):
            if len(remembered) > self._kept:
                remembered.clear()

    def _count(self, run: bytes, seconds: Decimal) -> None:
        whose, _, tres = run.rpartition(b"|")
        amounts = self._amounts[whose]
        if amounts is None:
            return
        for part in tres.split(b","):
            if held := self._parts[part]:
                name, amount = held
                amounts[name] += amount * seconds
        if seconds and not tres.strip(b","):
            self.holding_nothing.add(_text(whose).partition("|")[0].lower())

    def _find_amounts(self, whose: bytes) -> defaultdict[str, Decimal] | None:
        """Where to add what belongs to an account and a user; None where it is not asked for."""
        account, *user = _text(whose).split("|")
        users = self._used.get(account.lower())
        if not user or (users is not None and len(user) > 1):
            raise parser.UnreadableError(f"there is more or less than {', '.join(COLUMNS)}")
        return None if users is None else users[user[0]]

    def _read_part(self, part: bytes) -> tuple[str, Decimal] | None:
        """One TRES and how much of it; None of one that is not asked for, whatever the text says."""
        if not part:
            return None
        name, text = parser.tres_part(_text(part))
        if name not in self._components:
            return None
        amount = parser.amount(text, name)
        if amount >= _COUNTS:
            raise parser.UnreadableError(f"{name}={text} is more than a job can hold")
        return name, amount


class _Remembered(dict[bytes, _T]):
    """What has been worked out before is not worked out again."""

    def __init__(self, work_out: Callable[[bytes], _T]) -> None:
        super().__init__()
        self._work_out = work_out

    def __missing__(self, key: bytes) -> _T:
        value = self[key] = self._work_out(key)
        return value


_ByUser = defaultdict[str, defaultdict[str, Decimal]]


def _by_user() -> _ByUser:
    return defaultdict(lambda: defaultdict(Decimal))


def _usage(users: _ByUser) -> Usage:
    # Divided once, after adding up: the sum of quotients is not the quotient of the sum.
    amounts: dict[str, Amounts] = {
        user: {name: total / SECONDS_PER_UNIT for name, total in used.items()}
        for user, used in users.items()
        if any(used.values())
    }
    return Usage(unattributed=amounts.pop("", {}), members=amounts)


def _quoted(line: bytes) -> str:
    text = _text(line).rstrip("\n")
    return repr(text if len(text) <= 120 else f"{text[:100]}…")


def _text(part: bytes) -> str:
    return part.decode(errors="replace")
