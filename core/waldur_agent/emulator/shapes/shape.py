"""How an object becomes JSON: a table of fields, of which only those asked for are worked out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final, Generic, TypeVar

from waldur_agent.emulator.identifiers import stable_uuid
from waldur_agent.emulator.state import State

Record = TypeVar("Record")

CATEGORY_UUID: Final = stable_uuid("category", "HPC")

ABSENT: Final = object()
"""A field with this value is left out of the answer."""


@dataclass(frozen=True, slots=True)
class View:
    """What the fields need besides the object: the state, and the address under which the server is asked."""

    state: State
    root: str

    def url(self, collection: str, uuid: str) -> str:
        """The address of an object."""
        return f"{self.root}/api/{collection}/{uuid}/"


class Shape(Generic[Record]):
    """The fields of one kind of object."""

    def __init__(self, fields: Mapping[str, Callable[[Record, View], Any]]) -> None:
        self._fields = dict(fields)

    def render(self, record: Record, view: View, wanted: Collection[str] = ()) -> dict[str, Any]:
        """The object's JSON. ``wanted`` are the names of ``field=``; names that there are not are ignored."""
        names = [name for name in self._fields if name in wanted] if wanted else self._fields
        values = {name: self._fields[name](record, view) for name in names}
        return {name: value for name, value in values.items() if value is not ABSENT}


def constant(value: Any) -> Callable[[Any, View], Any]:
    """A field that is the same for every object."""
    return lambda _record, _view: value


def moment(value: datetime | None) -> str | None:
    """``2026-03-01T10:00:00.123456Z``."""
    return None if value is None else value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def day(value: date | None) -> str | None:
    """``2026-03-01``."""
    return None if value is None else value.isoformat()


def number(value: Decimal | None) -> int | float | None:
    """A JSON number, whole where it is whole."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)
