"""A plan for usage as plain data: old and new figures side by side."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from waldur_agent.modes.described import Item
from waldur_agent.modes.limits import limits_change
from waldur_agent.modes.report.comparison import Part
from waldur_agent.waldur import Resource


def planned(part: Part) -> Item | None:
    """One account in one month; None where there is nothing to do."""
    refused = part.totals.refused
    if not refused and not part.to_do:
        return None
    reason = f"used in {part.month}"
    totals = [(name, figure) for name, figure in sorted(part.totals.totals.items()) if figure.changed]
    changes = [_change("report_usage", name, figure.before, figure.after, reason) for name, figure in totals]
    changes += [
        _change("report_user_usage", f"{it.username} {it.component}", it.before, it.after, reason)
        for it in part.members
    ]
    return _item(part.resource, changes, f"not reported: {refused}" if refused else "")


def _change(kind: str, what: str, before: Decimal | None, after: Decimal, reason: str) -> dict[str, str]:
    return {
        "kind": kind,
        "before": "" if before is None else f"{what}={before:.2f}",
        "after": f"{what}={after:.2f}",
        "reason": reason,
    }


def planned_limits(resource: Resource, untold: Mapping[str, Decimal]) -> Item:
    """Limits of which Waldur does not know."""
    return _item(resource, [limits_change(resource, untold)], "")


def _item(resource: Resource, changes: list[dict[str, str]], text: str) -> Item:
    return Item(
        label=resource.name or resource.uuid,
        account=resource.backend_id,
        resource=resource.uuid,
        decision="hold" if text else "carry out",
        text=text,
        held=bool(text),
        changes=changes,
    )
