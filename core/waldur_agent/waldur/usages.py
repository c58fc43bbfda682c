"""What resources and persons used, month by month, as Waldur has it and is told it.

Amounts are in Waldur units with two places. Every write names the whole amount, so it may be sent again.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from . import objects
from .connection import Connection
from .errors import EndpointMissing, NotFound, Refused, WaldurError
from .learned import Learned
from .pages import LARGE_PAGE, first_page, read_list

log = logging.getLogger(__name__)

PATH = "marketplace-component-usages"
ROWS_PATH = "marketplace-component-user-usages"
RECORD_FIELDS = ["uuid", "type", "usage", "date", "billing_period", "description", "resource_uuid"]
ROW_FIELDS = ["uuid", "username", "usage", "component_usage", "component_type", "billing_period", "resource_uuid"]

BULK = "set_user_usages"


@dataclass(frozen=True, slots=True)
class UsageRecord:
    """What a resource used of a component in a month.

    ``date`` is None where the server tells no moment, ``resource_uuid`` empty where it does not tell the resource.
    """

    uuid: str
    resource_uuid: str
    component: str
    amount: Decimal
    date: datetime | None
    description: str


@dataclass(frozen=True, slots=True)
class UsageRow:
    """A person's part of a record, by local name. The record's UUID is empty on a server that does not tell it."""

    record_uuid: str
    resource_uuid: str
    component: str
    username: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class FirstRows:
    """A first page: ``size`` is how many items it had, ``total`` how many the whole list has."""

    rows: list[UsageRow]
    size: int
    total: int

    @property
    def whole(self) -> bool:
        """Whether there are no more."""
        return self.total <= self.size


@dataclass(frozen=True, slots=True)
class UserAmount:
    """A person's part to be written. ``user`` is the offering user's URL, empty where Waldur has no such name."""

    username: str
    amount: Decimal
    user: str = ""


class Usages:
    """Usage of one offering's resources."""

    def __init__(self, connection: Connection, offering_uuid: str, learned: Learned) -> None:
        self._connection = connection
        self._offering_uuid = offering_uuid
        self._learned = learned

    @property
    def bulk_works(self) -> bool:
        """Whether many persons' parts were once written by one request."""
        return f"{BULK} works" in self._learned

    # ------------------------------------------------------------ reading

    def records(self, month: date, resource_uuid: str = "") -> list[UsageRecord]:
        """The records of a month, of one resource or of all; foreign ones too where filters are ignored."""
        params = {"billing_period": month.isoformat(), "field": RECORD_FIELDS, **self._whose(resource_uuid)}
        items = read_list(self._connection, f"{PATH}/", params, LARGE_PAGE)
        return [_record(item, resource_uuid) for item in items if _is_of(month, item)]

    def rows(self, month: date, resource_uuid: str = "") -> list[UsageRow]:
        """Persons' parts in a month, of one resource or of all; likewise."""
        items = read_list(self._connection, f"{ROWS_PATH}/", self._rows_of(month, resource_uuid), LARGE_PAGE)
        return [_row(item) for item in items if _is_of(month, item)]

    def first_rows(self, month: date) -> FirstRows:
        """The first of all persons' parts, by one request, and how many there are in all."""
        items, total = first_page(self._connection, f"{ROWS_PATH}/", self._rows_of(month, ""), LARGE_PAGE)
        return FirstRows([_row(item) for item in items if _is_of(month, item)], len(items), total)

    def _rows_of(self, month: date, resource_uuid: str) -> dict[str, Any]:
        whose = self._whose(resource_uuid)
        return {"component_usage_billing_period": month.isoformat(), "field": ROW_FIELDS, **whose}

    def _whose(self, resource_uuid: str) -> dict[str, str]:
        return {"resource_uuid": resource_uuid} if resource_uuid else {"offering_uuid": self._offering_uuid}

    # ------------------------------------------------------------ writing

    def set_usage(
        self, resource_uuid: str, amounts: Mapping[str, Decimal], *, at: datetime | None, description: str = ""
    ) -> None:
        """Write what a resource used in the month of ``at``; without it, and on older servers, in the server's month.

        All components of a resource go together: older servers show only those that the last report named.
        """
        usages = [
            {"type": component, "amount": _text(amount), "description": description}
            for component, amount in sorted(amounts.items())
        ]
        self._connection.post(f"{PATH}/set_usage/", {"resource": resource_uuid, "usages": usages, **_dated(at)})

    def set_parts(
        self, record_uuid: str, amounts: Sequence[UserAmount], *, at: datetime | None
    ) -> dict[str, WaldurError]:
        """Write persons' parts of a record: by one request where the server can, else one by one.

        Returns:
            The failures by local name. A person whose part is refused does not keep the others' from being written.
        """
        items = [_item(amount, at) for amount in amounts]
        refusal = None
        if BULK not in self._learned:
            refusal = self._set_together(record_uuid, items)
            if refusal is None:
                return {}
        failures: dict[str, WaldurError] = {}
        for item in items:
            try:
                self._connection.post(f"{PATH}/{record_uuid}/set_user_usage/", item)
            except WaldurError as error:
                failures[item["username"]] = error
        if _is_of_the_action(refusal, len(failures), len(items)):
            self._learned.lacks(BULK)
        return failures

    def _set_together(self, record_uuid: str, items: Sequence[Mapping[str, str]]) -> WaldurError | None:
        """None where all were written at once; else why each has to be tried by itself."""
        try:
            self._connection.post(f"{PATH}/{record_uuid}/{BULK}/", {"usages": items})
        except (EndpointMissing, NotFound, Refused) as error:
            log.debug("Users are tried one by one: %s", error)
            return error
        self._learned.add(f"{BULK} works")
        return None


def _is_of_the_action(refusal: WaldurError | None, failures: int, tried: int) -> bool:
    """Whether many at once are not taken here at all: not found where the record is, or refused without a culprit."""
    if isinstance(refusal, NotFound):
        return failures < tried
    return isinstance(refusal, EndpointMissing) or (isinstance(refusal, Refused) and not failures)


def _item(amount: UserAmount, at: datetime | None) -> dict[str, str]:
    item = {"username": amount.username, "usage": _text(amount.amount)}
    # A null is refused, so the key is left out.
    return {**item, **({"user": amount.user} if amount.user else {}), **_dated(at)}


def _dated(at: datetime | None) -> dict[str, str]:
    return {"date": at.isoformat().replace("+00:00", "Z")} if at else {}


def _text(amount: Decimal) -> str:
    return f"{amount:.2f}"


def _is_of(month: date, item: Mapping[str, Any]) -> bool:
    """Whether an item is of that month; one that does not say is taken to be what was asked for."""
    told = item.get("billing_period")
    return not isinstance(told, str) or told[:7] == month.isoformat()[:7]


def _amount(item: Mapping[str, Any]) -> Decimal:
    """Numbers come as numbers and as text; null is zero."""
    return objects.amounts({"usage": item.get("usage")}).get("usage", Decimal(0))


def _record(item: Mapping[str, Any], asked: str) -> UsageRecord:
    return UsageRecord(
        objects.uuid_of(item, "a usage record"),
        objects.hex_uuid(item.get("resource_uuid")) or asked,
        str(item.get("type", "")),
        _amount(item),
        _moment(item.get("date")),
        str(item.get("description") or ""),
    )


def _row(item: Mapping[str, Any]) -> UsageRow:
    return UsageRow(
        objects.last_part(item.get("component_usage")),
        objects.hex_uuid(item.get("resource_uuid")),
        str(item.get("component_type", "")),
        str(item.get("username", "")),
        _amount(item),
    )


def _moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else None
