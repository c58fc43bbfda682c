"""How an object becomes JSON: a table of fields, of which only those asked for are worked out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final, Generic, TypeVar

from waldur_agent.emulator.identifiers import stable_uuid
from waldur_agent.emulator.profile import Profile
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
    """The fields of one kind of object, as the newest server has them.

    Args:
        fields: Name to how it is worked out.
        name: By which a profile tells what it has less and more.
    """

    def __init__(self, fields: Mapping[str, Callable[[Record, View], Any]], name: str = "") -> None:
        self._fields = dict(fields)
        self._name = name
        self._of_profile: dict[str, dict[str, Callable[[Record, View], Any]]] = {}

    def render(self, record: Record, view: View, wanted: Collection[str] = ()) -> dict[str, Any]:
        """The object's JSON. ``wanted`` are the names of ``field=``; names that there are not are ignored."""
        fields = self._fields_in(view.state.profile)
        names = [name for name in fields if name in wanted] if wanted else fields
        values = {name: fields[name](record, view) for name in names}
        return {name: value for name, value in values.items() if value is not ABSENT}

    def _fields_in(self, profile: Profile) -> dict[str, Callable[[Record, View], Any]]:
        if profile.name not in self._of_profile:
            lacking = profile.lacking_fields.get(self._name, ())
            fields = {name: value for name, value in self._fields.items() if name not in lacking}
            self._of_profile[profile.name] = {**fields, **profile.own_fields.get(self._name, {})}
        return self._of_profile[profile.name]


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
