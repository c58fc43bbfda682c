"""The figures of one month beside those that Waldur has: what is to be written for each account."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from waldur_agent.modes.report.rows import Rows, read_rows
from waldur_agent.modes.served import Served
from waldur_agent.planning import Figures, MemberFigure, Month, TotalsPlan, plan_members, plan_totals
from waldur_agent.waldur import Refused, Resource, UsageRecord, WaldurError, gather

log = logging.getLogger(__name__)

INCOMPLETE = "Usage of users is still to be reported"
"""Stands as a record's description for as long as the members' figures below it may be older than the total."""


@dataclass(slots=True, eq=False)
class Part:
    """One account in one month.

    Attributes:
        records: Waldur's, by component.
        members: The members' figures to be written.
        opened: The totals were written already in this pass, so that there are records to put the members below.
    """

    resource: Resource
    month: Month
    wanted: Figures
    totals: TotalsPlan
    records: Mapping[str, UsageRecord] = field(default_factory=dict)
    members: Sequence[MemberFigure] = ()
    opened: bool = False

    @property
    def label(self) -> str:
        """For the log."""
        return f"{self.resource.backend_id} (resource {self.resource.uuid}), {self.month}"

    @property
    def incomplete(self) -> bool:
        """Whether an earlier pass could not write all members."""
        return any(record.description == INCOMPLETE for record in self.records.values())

    @property
    def doubtful(self) -> bool:
        """Whether its members have to be looked at, as far as the totals tell."""
        return self.totals.changed or self.incomplete

    @property
    def to_do(self) -> bool:
        """Whether anything is to be written."""
        return not self.totals.refused and (self.doubtful or bool(self.members))

    @property
    def lacks_records(self) -> bool:
        """Whether there are members without a record to put them below."""
        return any(figure.component not in self.records for figure in self.members)


@dataclass(slots=True)
class Comparison:
    """All accounts of an offering in one month. ``records`` are all that Waldur has of them."""

    parts: list[Part] = field(default_factory=list)
    records: list[UsageRecord] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)


def read_records(work: Served, month: Month, resources: Sequence[Resource]) -> list[UsageRecord]:
    """Waldur's records of these resources in a month: by one list, or by one each where the server cannot tell.

    Raises:
        WaldurError: they could not be read; nothing can be compared then.
    """
    try:
        records = work.waldur.usages.records(month.billing_period)
    except Refused as error:
        log.debug("Records are asked for one by one: %s", error)
        records = None
    if records is None or not all(record.resource_uuid for record in records):
        uuids = [resource.uuid for resource in resources]
        found = gather(lambda uuid: work.waldur.usages.records(month.billing_period, uuid), uuids)
        records = list({record.uuid: record for part in found.values() for record in _or_raise(part)}.values())
    ours = {resource.uuid for resource in resources}
    return [record for record in records if record.resource_uuid in ours]


def _or_raise(found: list[UsageRecord] | WaldurError) -> list[UsageRecord]:
    if isinstance(found, WaldurError):
        raise found
    return found


def compare(
    work: Served, month: Month, resources: Sequence[Resource], wanted: Mapping[str, Figures], *, past: bool
) -> Comparison:
    """Put both sides together; ``wanted`` are the figures of those resources that are to be reported.

    In a ``past`` month nothing is begun with zeros.

    Raises:
        WaldurError: Waldur's figures could not be read.
    """
    found = Comparison(records=read_records(work, month, resources))
    by_resource: dict[str, list[UsageRecord]] = {}
    for record in found.records:
        if record.resource_uuid in wanted and record.component in wanted[record.resource_uuid].totals:
            by_resource.setdefault(record.resource_uuid, []).append(record)
    for resource in resources:
        if figures := wanted.get(resource.uuid):
            found.parts.append(_part(work, month, resource, figures, by_resource.get(resource.uuid, [])))
    if past:
        _drop_untouched(found)
    _add_members(work, month, found)
    return found


def _part(work: Served, month: Month, resource: Resource, wanted: Figures, records: Sequence[UsageRecord]) -> Part:
    by_component = {record.component: record for record in records}
    types = [record.component for record in records]
    totals = plan_totals(
        wanted,
        {component: record.amount for component, record in by_component.items()},
        twins={component for component in types if types.count(component) > 1},
        may_decrease=work.offering.may_decrease(resource.backend_id),
    )
    return Part(resource, month, wanted, totals, by_component)


def _drop_untouched(found: Comparison) -> None:
    """Leave out what has neither usage nor records: resources did not need to exist in a past month."""
    found.parts = [part for part in found.parts if part.records or any(part.wanted.totals.values())]


def _add_members(work: Served, month: Month, found: Comparison) -> None:
    parts = [part for part in found.parts if not part.totals.refused]
    try:
        rows = read_rows(work, month, parts)
    except WaldurError as error:
        # Written over what cannot be seen: the figures are whole, so that does no harm.
        found.troubles.append(f"{work.offering.name}, {month}: users' figures could not be read: {error}")
        rows = Rows({})
    for part in parts:
        if part.resource.uuid in rows.by_resource:
            part.members = plan_members(part.wanted, rows.by_resource[part.resource.uuid])
        elif part.doubtful:
            part.members = plan_members(part.wanted, _nothing())


def _nothing() -> dict[tuple[str, str], Decimal]:
    return {}
