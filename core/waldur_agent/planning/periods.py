"""Which months are reported, from when to when, and into which month a server puts what it is told now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from waldur_agent_hookspecs import Period

SECOND, MICROSECOND = 42, 424242
"""What every moment ends in that the agent sends: one that comes back like this is not of the server's own making."""

BEHIND = timedelta(minutes=5)
"""How far a moment that is sent lies in the past: servers refuse the future, and their clocks may be behind."""

BEFORE_MIDNIGHT = timedelta(minutes=3)
"""So long before the end of a month nothing is sent whose month the server chooses: it may arrive in the next."""


def now_utc() -> datetime:
    """The machine's clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Month:
    """One month of the billing zone. ``start`` and ``end`` are aware; the end is the next month's start."""

    start: datetime
    end: datetime

    @property
    def billing_period(self) -> date:
        """Waldur's name for it: its first day."""
        return self.start.date()

    @property
    def period(self) -> Period:
        """The same for a plugin."""
        return Period(self.start, self.end)

    def __str__(self) -> str:
        return f"{self.start:%Y-%m}"

    def is_waldurs(self, now: datetime) -> bool:
        """Whether a report without a date lands in this month: servers go by UTC, whatever the billing zone."""
        first, following = self._in_utc()
        return first <= now and now + BEFORE_MIDNIGHT < following

    def moment(self, now: datetime) -> datetime | None:
        """A past moment that is in this month by UTC and by the billing zone; None where there was none yet."""
        first, following = self._in_utc()
        last = min(self.end.astimezone(UTC), following) - timedelta(seconds=1)
        signed = min(now.astimezone(UTC) - BEHIND, last).replace(second=SECOND, microsecond=MICROSECOND)
        return signed if signed >= max(first, self.start) else None

    def _in_utc(self) -> tuple[datetime, datetime]:
        first = self.start.replace(tzinfo=UTC)
        return first, self.end.replace(tzinfo=UTC)


def is_signed(moment: datetime | None) -> bool:
    """Whether that moment was sent by an agent."""
    return moment is not None and (moment.second, moment.microsecond) == (SECOND, MICROSECOND)


@dataclass(frozen=True, slots=True)
class Calendar:
    """How an offering's months are reported.

    Attributes:
        zone: In which months begin and end.
        months: How many are looked at, the current one included.
        grace_days: On how many days of a month earlier months are looked at.
        clock: Gives the present as an aware moment.
    """

    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    months: int = 1
    grace_days: int = 31
    clock: Callable[[], datetime] = now_utc

    def open_months(self) -> list[Month]:
        """The current month and, within the grace time, those before it, the newest first."""
        today = self.clock().astimezone(self.zone).date()
        earlier = self.months - 1 if today.day <= self.grace_days else 0
        return [self._month(today.year * 12 + today.month - 1 - back) for back in range(earlier + 1)]

    def _month(self, number: int) -> Month:
        """From a count of months since year 0."""
        return Month(self._first(number), self._first(number + 1))

    def _first(self, number: int) -> datetime:
        # Where clocks are put back over midnight there are two of them: fold 0 is the first.
        return datetime(number // 12, number % 12 + 1, 1, tzinfo=self.zone)
