"""Members' figures as Waldur has them, by as few requests as can be.

There are resources x members x components of them, too many to be read each time. One page tells how many there are,
and in a small offering that page is all of them. In a large one the totals tell where to look: members are written
before the total below which they are, so an unchanged total stands for unchanged members, unless rows are missing.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from waldur_agent.modes.served import Served
from waldur_agent.planning import Month
from waldur_agent.waldur import NotFound, Refused, UsageRow, WaldurError, gather
from waldur_agent.waldur.errors import EndpointMissing

if TYPE_CHECKING:
    from waldur_agent.modes.report.comparison import Part


log = logging.getLogger(__name__)

LISTED = "list of users' usage"


@dataclass(frozen=True, slots=True)
class Rows:
    """By resource, for those whose members were looked at: local name and component to the figure."""

    by_resource: Mapping[str, Mapping[tuple[str, str], Decimal]]


def read_rows(work: Served, month: Month, parts: Sequence[Part]) -> Rows:
    """Read the rows of all parts whose members may have to be written.

    Raises:
        WaldurError: they could not be read.
    """
    recorded = [part for part in parts if part.records]
    if not recorded or LISTED in work.waldur.learned:
        return Rows({})
    try:
        first = work.waldur.usages.first_rows(month.billing_period)
    except (EndpointMissing, NotFound, Refused) as error:
        log.debug("Users' figures are written unseen: %s", error)
        work.waldur.learned.lacks(LISTED)
        return Rows({})
    if first.whole:
        return _sorted_in(recorded, first.rows)
    doubtful = [part for part in recorded if part.doubtful]
    expected = sum(len(part.wanted.members) for part in recorded if not part.doubtful)
    if first.total < expected or math.ceil(first.total / max(first.size, 1)) <= len(doubtful):
        return _sorted_in(recorded, work.waldur.usages.rows(month.billing_period))
    found = gather(lambda it: work.waldur.usages.rows(month.billing_period, it.resource.uuid), doubtful)
    readable = {part: rows for part, rows in found.items() if not isinstance(rows, WaldurError)}
    return _sorted_in(readable, (row for rows in readable.values() for row in rows))


def _sorted_in(parts: Iterable[Part], rows: Iterable[UsageRow]) -> Rows:
    """Each row to its resource; a row of another month or resource has a record that is none of ours."""
    owners = {record.uuid: record for part in parts for record in part.records.values()}
    found: dict[str, dict[tuple[str, str], Decimal]] = {part.resource.uuid: {} for part in parts}
    for row in rows:
        record = owners.get(row.record_uuid)
        resource = record.resource_uuid if record else row.resource_uuid
        component = record.component if record else row.component
        if (record or not row.record_uuid) and resource in found:
            found[resource][row.username, component] = row.amount
    return Rows(found)
