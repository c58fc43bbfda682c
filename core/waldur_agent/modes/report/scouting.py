"""The first past month that a process sends to a server goes for one account alone, and is then looked for."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from waldur_agent.modes.report.comparison import Part
from waldur_agent.modes.report.dating import DATE
from waldur_agent.modes.report.writing import Writer
from waldur_agent.waldur import UsageRecord

VERIFIED = "past months land where they belong"


def scout(writer: Writer, parts: Sequence[Part]) -> str:
    """Make sure that past months land where they belong. Gives what went wrong otherwise, and what was done about it.

    Args:
        writer: Of the past month.
        parts: The accounts to be written.

    Raises:
        WaldurError, NotNow, DateRefused: it could not be found out; nothing was sent, or what was sent is right.
    """
    waldur = writer.work.waldur
    part = next((part for part in parts if part.totals.changed), None)
    if part is None or VERIFIED in waldur.learned:
        return ""
    uuid, running = part.resource.uuid, writer.dating.running
    before = _of(uuid, waldur.usages.records(running.billing_period, uuid))
    writer.open(part)
    landed = _of(uuid, waldur.usages.records(part.month.billing_period, uuid))
    wanted = {name: figure.after for name, figure in part.totals.totals.items()}
    if wanted.items() <= landed.items():
        waldur.learned.add(VERIFIED)
        return ""
    waldur.learned.lacks(DATE)
    now = _of(uuid, waldur.usages.records(running.billing_period, uuid))
    restored = {name: before.get(name, Decimal(0)) for name in wanted if now.get(name) != before.get(name)}
    if restored:
        waldur.usages.set_usage(uuid, before | restored, at=None)
    return (
        f"{part.label}: was sent with a date, but did not land in that month; "
        f"{'the running month was put right again, and ' if restored else ''}no past month is sent to this server"
    )


def _of(resource_uuid: str, records: Sequence[UsageRecord]) -> dict[str, Decimal]:
    return {record.component: record.amount for record in records if record.resource_uuid == resource_uuid}
