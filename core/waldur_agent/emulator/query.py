"""Query parameters: Waldur's filters, what they accept and how they refuse."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import UTC, date, datetime
from typing import Any, Generic, TypeVar

from werkzeug.datastructures import MultiDict

from .errors import invalid
from .identifiers import as_hex

Record = TypeVar("Record")
Test = Callable[[Record], bool]
Query = MultiDict[str, str]


class Filters(Generic[Record]):
    """The tests that a list's query asks for. A parameter that is absent or empty asks for nothing.

    Every method takes the parameter's name and how to get the value to compare from a record.

    Args:
        query: The parameters.
        unknown: Parameters that this server does not know, and so ignores.
        any_of_uuids: Whether of several UUIDs any will do; else the last one counts, as on older servers.

    Raises:
        ApiError: 400 as soon as a parameter has a value that Waldur would refuse.
    """

    def __init__(self, query: Query, unknown: Collection[str] = (), *, any_of_uuids: bool = True) -> None:
        self._query = query
        self._unknown = unknown
        self._any_of_uuids = any_of_uuids
        self._tests: list[Test[Record]] = []

    def select(self, records: Iterable[Record]) -> list[Record]:
        """The records that pass every test, in their own order."""
        tests = self._tests
        return [record for record in records if all(test(record) for test in tests)]

    def test(self, test: Test[Record]) -> None:
        """A test that no parameter's value describes by itself."""
        self._tests.append(test)

    def uuid(self, name: str, of: Callable[[Record], str]) -> None:
        """One UUID; of several values the last one counts."""
        if wanted := self._uuids(name)[-1:]:
            self._tests.append(lambda record: of(record) == wanted[0])

    def uuids(self, name: str, of: Callable[[Record], str]) -> None:
        """Any of several UUIDs."""
        if wanted := set(self._uuids(name)[0 if self._any_of_uuids else -1 :]):
            self._tests.append(lambda record: of(record) in wanted)

    def choices(self, name: str, valid: Collection[str], of: Callable[[Record], str]) -> None:
        """Any of several values out of a fixed set."""
        wanted = set(self._values(name))
        for value in wanted:
            if value not in valid:
                raise invalid(**{name: not_a_choice(value)})
        if wanted:
            self._tests.append(lambda record: of(record) in wanted)

    def text(self, name: str, of: Callable[[Record], str]) -> None:
        """Exactly this text."""
        if wanted := self._last(name):
            self._tests.append(lambda record: of(record) == wanted)

    def login(self, name: str, of: Callable[[Record], str]) -> None:
        """Exactly this text, in capitals or not."""
        if wanted := self._last(name).casefold():
            self._tests.append(lambda record: of(record).casefold() == wanted)

    def contains(self, name: str, of: Callable[[Record], Iterable[str]]) -> None:
        """This text within one of the record's texts, in capitals or not."""
        if wanted := self._last(name).casefold():
            self._tests.append(lambda record: any(wanted in text.casefold() for text in of(record)))

    def flag(self, name: str, of: Callable[[Record], bool]) -> None:
        """``true`` or ``false``; anything else asks for nothing."""
        wanted = {"true": True, "false": False}.get(self._last(name).lower())
        if wanted is not None:
            self._tests.append(lambda record: of(record) is wanted)

    def between(self, name: str, of: Callable[[Record], datetime]) -> None:
        """``NAME`` and ``NAME_before``: the moments between which the record's moment lies."""
        start, end = self._moment(name), self._moment(f"{name}_before")
        if start is not None:
            self._tests.append(lambda record: of(record) >= start)
        if end is not None:
            self._tests.append(lambda record: of(record) <= end)

    def day(self, name: str, test: Callable[[Record, date], bool]) -> None:
        """A date, compared in the caller's own way."""
        if not (text := self._last(name)):
            return
        try:
            wanted = date.fromisoformat(text)
        except ValueError:
            raise invalid(**{name: "Enter a valid date."}) from None
        self._tests.append(lambda record: test(record, wanted))

    def number(self, name: str, of: Callable[[Record], int]) -> None:
        """A number."""
        if not (text := self._last(name)):
            return
        try:
            wanted = float(text)
        except ValueError:
            raise invalid(**{name: "Enter a number."}) from None
        self._tests.append(lambda record: of(record) == wanted)

    def _values(self, name: str) -> list[str]:
        values = [] if name in self._unknown else self._query.getlist(name)
        return [value for value in values if value]

    def _last(self, name: str) -> str:
        return (self._values(name) or [""])[-1]

    def _uuids(self, name: str) -> list[str]:
        try:
            return [as_hex(value) for value in self._values(name)]
        except ValueError:
            raise invalid(**{name: "Enter a valid UUID."}) from None

    def _moment(self, name: str) -> datetime | None:
        if not (text := self._last(name)):
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise invalid(**{name: "Enter a valid date/time."}) from None
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def ordered(records: list[Record], query: Query, keys: dict[str, Callable[[Record], Any]]) -> list[Record]:
    """Sort by ``o=``: repeated or comma-joined, the first one counts most, ``-`` turns it round.

    Raises:
        ApiError: 400 for a field that the list cannot be sorted by.
    """
    names = [name for value in query.getlist("o") for name in value.split(",") if name]
    for name in reversed(names):
        field = name.removeprefix("-")
        if field not in keys:
            raise invalid(o=not_a_choice(name))
        key = keys[field]
        records = sorted(records, key=lambda record: _sortable(key(record)), reverse=name.startswith("-"))
    return records


def not_a_choice(value: str) -> str:
    """Waldur's words for a value out of a fixed set."""
    return f"Select a valid choice. {value} is not one of the available choices."


def _sortable(value: Any) -> tuple[bool, Any]:
    """Nothing sorts after everything, as in the database."""
    return (True, "") if value is None else (False, value)
