"""Adds up what was used. Nothing is asked here."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from waldur_agent_hookspecs import Period, Usage

from .client import Job


def usage_of(jobs: Iterable[Job], period: Period) -> Usage:
    """What the jobs of one account used within the period, by member: each job is cut to the period.

    Amounts are in backend units. What nobody in particular used would go into ``unattributed``.
    """
    members: dict[str, dict[str, Decimal]] = {}
    for job in jobs:
        inside = min(job.end, period.end) - max(job.start, period.start)
        share = Decimal(inside.total_seconds()) / Decimal((job.end - job.start).total_seconds())
        used = members.setdefault(job.username, {})
        for component, amount in job.amounts.items():
            used[component] = used.get(component, Decimal(0)) + amount * share
    return Usage(members=members)
