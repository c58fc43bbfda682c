"""Usage of accounts within a period, in backend units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

Amounts = Mapping[str, Decimal]
"""Component type to an amount in backend units."""


@dataclass(frozen=True, slots=True)
class Period:
    """A half-open span of time ``[start, end)``; both are aware and in the zone in which the month is billed."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError(f"a period's ends must know their time zone, not {self.start!r} and {self.end!r}")
        if self.start >= self.end:
            raise ValueError(f"a period must end after it starts, not {self.start} to {self.end}")


@dataclass(frozen=True, slots=True)
class Usage:
    """What one account used within a period. An account that was read and used nothing has zeros or no keys.

    Attributes:
        members: Local user name to amounts.
        unattributed: What cannot be put to a user; part of the total all the same.
    """

    members: Mapping[str, Amounts] = field(default_factory=lambda: MappingProxyType({}))
    unattributed: Amounts = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        members = {name: MappingProxyType(dict(amounts)) for name, amounts in self.members.items()}
        object.__setattr__(self, "members", MappingProxyType(members))
        object.__setattr__(self, "unattributed", MappingProxyType(dict(self.unattributed)))

    @property
    def total(self) -> Amounts:
        """The sum over the members and what is unattributed, before any rounding."""
        total: dict[str, Decimal] = {}
        for amounts in (*self.members.values(), self.unattributed):
            for component, amount in amounts.items():
                total[component] = total.get(component, Decimal(0)) + amount
        return MappingProxyType(total)
