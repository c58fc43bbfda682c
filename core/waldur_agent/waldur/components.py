"""An offering's components in Waldur: what is ordered and billed, in which units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from .connection import Connection
from .errors import Unavailable
from .objects import hex_uuid, number


@dataclass(frozen=True, slots=True)
class OfferingComponent:
    """One component. ``fields`` are as the server told them, and servers differ in which they have."""

    uuid: str
    type: str
    fields: Mapping[str, Any]


class OfferingComponents:
    """Reading and changing them. Both actions go to the offering; a change names the component in its body."""

    def __init__(self, connection: Connection, offering_uuid: str) -> None:
        self._connection = connection
        self._path = f"marketplace-provider-offerings/{offering_uuid}"

    def read(self) -> dict[str, OfferingComponent]:
        """All of them by type, as they are now, in the server's order."""
        path = f"{self._path}/"
        body = self._connection.get(path, {"field": ["uuid", "components"]}).body
        items = body.get("components") if isinstance(body, Mapping) else None
        if not isinstance(items, list):
            raise Unavailable(f"GET {self._connection.api_url}{path}: the answer does not tell the components")
        found = [OfferingComponent(hex_uuid(item.get("uuid")), str(item.get("type")), item) for item in items]
        return {component.type: component for component in found}

    def create(self, fields: Mapping[str, Any]) -> None:
        """Add one. A type that is there already is refused: with 400, on older servers with 500."""
        self._connection.post(f"{self._path}/create_offering_component/", _as_json(fields))

    def update(self, uuid: str, fields: Mapping[str, Any]) -> None:
        """Change one; what is not in ``fields`` stays as it is."""
        self._connection.post(f"{self._path}/update_offering_component/", {"uuid": uuid, **_as_json(fields)})


def _as_json(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Whole amounts as integers: older servers take nothing else."""
    return {key: number(value) if isinstance(value, Decimal) else value for key, value in fields.items()}
