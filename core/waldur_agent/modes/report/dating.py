"""Whether a month can be written now, and under which date.

Servers of 2024 ignore ``date`` and file every report under the month of their own clock (UTC): a past month sent to
one of them would overwrite the running one. Nothing asked beforehand tells the difference, but the records do: each
report of the running month carries a moment that only the agent can have made up, and a server that honours it shows
that moment with the record. It costs no request, and on either kind of server it changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from waldur_agent.modes.served import Served
from waldur_agent.planning import Calendar, Month, is_signed
from waldur_agent.waldur import UsageRecord

DATE = "date of set_usage"
HONOURED = "date of set_usage is honoured"
CLOSE = timedelta(seconds=1)
"""Some servers cut what is below a second."""


class NotNow(Exception):  # noqa: N818 - a state, nothing failed
    """This may not be written now; the text says why."""


@dataclass(frozen=True, slots=True)
class Dating:
    """What is known of one server, in one pass."""

    work: Served

    @property
    def ignored(self) -> bool:
        """Whether the server was seen to ignore dates, or refused one."""
        return DATE in self.work.waldur.learned

    @property
    def honoured(self) -> bool:
        """Whether the server was seen to go by the date that it is given."""
        return HONOURED in self.work.waldur.learned and not self.ignored

    @property
    def running(self) -> Month:
        """The month of Waldur's own clock, in which everything lands that has no date."""
        return Calendar(clock=self.work.calendar.clock).open_months()[0]

    def is_past(self, month: Month) -> bool:
        """Whether Waldur takes it for a past one, which some tokens may not write."""
        return month.billing_period < self.running.billing_period

    def moment(self, month: Month) -> datetime | None:
        """The date to send for a month, None where the server's own month is meant. To be asked before each write.

        Raises:
            NotNow: what is sent now would land in another month, or might.
        """
        now = self.work.calendar.clock()
        moment = None if self.ignored else month.moment(now)
        if month.is_waldurs(now) or (self.honoured and moment):
            return moment
        if self.ignored:
            raise NotNow(f"Waldur's month is not {month} now, and this server takes no date")
        if not self.honoured:
            raise NotNow(f"Waldur's month is not {month} now, and this server was not seen to go by a date yet")
        raise NotNow(f"{month} has not begun in UTC yet, by which Waldur goes")

    def look(self, records: Collection[UsageRecord]) -> None:
        """Learn from what an earlier report left behind."""
        if any(is_signed(record.date) for record in records):
            self.work.waldur.learned.add(HONOURED)

    def judge(self, records: Collection[UsageRecord], sent: Mapping[str, datetime]) -> None:
        """Learn from records that were just written, by what was sent for each resource.

        A server that shows no date at all is judged by its age: one that takes many persons' usage at once is newer
        than dates are. The first past month that it gets is looked at before any other follows.
        """
        written = [(record.date, sent[record.resource_uuid]) for record in records if record.resource_uuid in sent]
        shown = [(date, moment) for date, moment in written if date is not None]
        if any(abs(date - moment) < CLOSE for date, moment in shown):
            self.work.waldur.learned.add(HONOURED)
        elif shown:
            self.work.waldur.learned.lacks(DATE)
        elif written and self.work.waldur.usages.bulk_works:
            self.work.waldur.learned.add(HONOURED)
