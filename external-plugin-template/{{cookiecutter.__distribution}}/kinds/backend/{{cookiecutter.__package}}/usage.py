"""Adds up what was used. Nothing is asked here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

from waldur_agent_hookspecs import Period, Usage

from .client import Job


def usage_of(jobs: Iterable[Job], period: Period) -> Usage:
    """What the jobs of one account used within the period, by member: each job is cut to the period.

    Amounts are in backend units. What nobody in particular used is part of the total all the same.
    """
    members: dict[str, dict[str, Decimal]] = {}
    for job in jobs:
        inside = _microseconds(min(job.end, period.end) - max(job.start, period.start))
        used = members.setdefault(job.username, {})
        for component, amount in job.amounts.items():
            # Multiplied first: a third of an hour would not come out even.
            share = amount * inside / _microseconds(job.end - job.start)
            used[component] = used.get(component, Decimal(0)) + share
    unattributed = members.pop("", {})
    return Usage(members=members, unattributed=unattributed)


def _microseconds(span: timedelta) -> Decimal:
    return Decimal(span // timedelta(microseconds=1))
