"""Faults in what was used."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, timedelta
from decimal import Decimal
from typing import Any

from waldur_agent_hookspecs import AccountRef, Amounts, Period, Usage, hookimpl

from .memory import Account, Cluster, MemoryPlugin
from .table import fault


class _Told(MemoryPlugin):
    """Tells what :meth:`told` makes of the usage."""

    def told(self, usage: Usage) -> Usage:
        """What is told."""
        return usage

    def usage(self, account: Account, period: Period) -> Usage:
        return self.told(super().usage(account, period))


class _Asked(MemoryPlugin):
    """Looks into the period that :meth:`asked` makes of the one asked for."""

    def asked(self, period: Period) -> Period:
        """Where is looked."""
        return period

    def usage(self, account: Account, period: Period) -> Usage:
        return super().usage(account, self.asked(period))


@fault("collect_usage", "USE-002")
class LeavesOutWhoIsIdle(MemoryPlugin):
    @hookimpl
    def collect_usage(self, refs: Sequence[AccountRef], period: Period) -> Mapping[str, Usage]:
        return {uuid: usage for uuid, usage in super().collect_usage(refs, period).items() if usage.total}


@fault("collect_usage", "USE-001", "USE-003")
class BillsWhatIsNotThere(MemoryPlugin):
    @hookimpl
    def collect_usage(self, refs: Sequence[AccountRef], period: Period) -> Mapping[str, Usage]:
        nothing = {ref.resource_uuid: Usage() for ref in refs} or {"nobody": Usage()}
        return {**nothing, **super().collect_usage(refs, period)}


@fault("collect_usage", "USE-004", "USE-006", "USE-007")
class CountsHours(_Told):
    def told(self, usage: Usage) -> Usage:
        return Usage({name: _times(amounts, "0.5") for name, amounts in usage.members.items()}, usage.unattributed)


@fault("collect_usage", "USE-005")
class TellsTheTotalBesides(_Told):
    def told(self, usage: Usage) -> Usage:
        return Usage(usage.members, usage.total)


@fault("collect_usage", "USE-006")
class CountsEachMemberOnce(MemoryPlugin):
    def usage(self, account: Account, period: Period) -> Usage:
        once = {entry[0]: entry for entry in account.used}
        return super().usage(replace(account, used=list(once.values())), period)


@fault("collect_usage", "USE-007")
class TellsOneComponent(_Told):
    def told(self, usage: Usage) -> Usage:
        return Usage({name: dict(list(amounts.items())[:1]) for name, amounts in usage.members.items()})


@fault("collect_usage", "USE-010", "USE-012", "USE-014")
class BeginsTooEarly(_Asked):
    def asked(self, period: Period) -> Period:
        return Period(period.start - timedelta(days=2), period.end)


@fault("collect_usage", "USE-011", "USE-013", "USE-015", "USE-016", "USE-017")
class EndsTooLate(_Asked):
    def asked(self, period: Period) -> Period:
        return Period(period.start, period.end + timedelta(days=2))


@fault("collect_usage", "USE-012")
class CountsWhatEndsInIt(MemoryPlugin):
    def usage(self, account: Account, period: Period) -> Usage:
        ended = [entry for entry in account.used if period.start <= entry[3] <= period.end]
        longest = Period(period.start - timedelta(days=400), period.end)
        return super().usage(replace(account, used=ended), longest)


@fault("collect_usage", "USE-018")
class ForgetsTheZone(_Asked):
    def asked(self, period: Period) -> Period:
        return Period(period.start.replace(tzinfo=UTC), period.end.replace(tzinfo=UTC))


@fault("collect_usage", "USE-019")
class TellsAllThatEverWas(_Asked):
    def asked(self, period: Period) -> Period:
        return Period(period.start.replace(year=2000), period.end)


@fault("collect_usage", "USE-030", "USE-031")
class AddsUpTheOffering(MemoryPlugin):
    @hookimpl
    def collect_usage(self, refs: Sequence[AccountRef], period: Period) -> Mapping[str, Usage]:
        found = super().collect_usage(refs, period)
        everybody = {name: amounts for usage in found.values() for name, amounts in usage.members.items()}
        return {uuid: Usage(everybody, usage.unattributed) for uuid, usage in found.items()}


@fault("collect_usage", "USE-032")
class ForgetsWhoHasLeft(MemoryPlugin):
    def usage(self, account: Account, period: Period) -> Usage:
        usage = super().usage(account, period)
        present = {name: amounts for name, amounts in usage.members.items() if name in account.members}
        return Usage(present, usage.unattributed)


@fault("collect_usage", "USE-033")
class DropsWhatIsNobodys(_Told):
    def told(self, usage: Usage) -> Usage:
        return Usage(usage.members)


@fault("collect_usage", "USE-034")
class TellsTheUseByName(MemoryPlugin):
    def own(self, cluster: Cluster, ref: AccountRef) -> str:
        name = ref.backend_id or ref.slug.lower()
        return name if name in cluster.accounts else ""


@fault("collect_usage", "USE-040")
class TellsEachHourOnce(MemoryPlugin):
    def usage(self, account: Account, period: Period) -> Usage:
        usage = super().usage(account, period)
        account.used.clear()
        return usage


@fault("collect_usage", "USE-041")
class AsksForTheUseOfEach(MemoryPlugin):
    def own(self, cluster: Cluster, ref: AccountRef) -> str:
        time.sleep(0)
        return super().own(cluster, ref)


@fault("collect_usage", "USE-042")
class ReportingThrowsOut(MemoryPlugin):
    def usage(self, account: Account, period: Period) -> Usage:
        account.members.clear()
        return super().usage(account, period)


@fault("collect_usage", "USE-004")
class CountsInFloats(_Told):
    def told(self, usage: Usage) -> Usage:
        floats: Any = {
            name: {component: float(amount) for component, amount in amounts.items()}
            for name, amounts in usage.members.items()
        }
        return Usage(floats, usage.unattributed)


@fault("collect_usage", "USE-004")
class CountsBackwards(_Told):
    def told(self, usage: Usage) -> Usage:
        return Usage({name: _times(amounts, "-1") for name, amounts in usage.members.items()}, usage.unattributed)


def _times(amounts: Amounts, factor: str) -> Amounts:
    return {name: amount * Decimal(factor) for name, amount in amounts.items()}
