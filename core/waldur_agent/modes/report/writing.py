"""Writing one account's figures of one month.

Members come before the total below which they are, and the total before them only where there is no record yet to put
them below. So wherever this is cut off, the next pass sees it: by a total that still differs, or by missing rows.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from waldur_agent.modes.report.comparison import INCOMPLETE, Part
from waldur_agent.modes.report.dating import DATE, Dating, NotNow
from waldur_agent.modes.served import Served
from waldur_agent.planning import Month, folded
from waldur_agent.waldur import Refused, Unavailable, UserAmount, WaldurError

log = logging.getLogger(__name__)

ATTEMPTS = 3
"""Whatever is sent is a whole amount, so that a write without an answer may be repeated."""

_OF_DATES = re.compile(r"\bdates?\b", re.IGNORECASE)
_TAKES_USAGE = ("OK", "Updating", "Terminating")


class DateRefused(Exception):  # noqa: N818 - named for what happened
    """The server will not have this month's usage from this token."""


@dataclass(slots=True)
class Writer:
    """Writes accounts of one month; several may be written at a time.

    Attributes:
        users: Folded local name to the offering user's URL.
        sent: Resource UUID to the date that its totals were sent with.
    """

    work: Served
    month: Month
    dating: Dating
    users: Mapping[str, str] = field(default_factory=dict)
    sent: dict[str, datetime] = field(default_factory=dict)
    _ready: set[str] = field(default_factory=set)

    def open(self, part: Part) -> None:
        """Write the totals first, so that there are records for the members.

        Raises:
            WaldurError, NotNow, DateRefused: nothing more can be written of this account now.
        """
        self._make_ready(part)
        self._set_totals(part)
        part.opened = True

    def write(self, part: Part) -> list[str]:
        """Write what is left to be written of an account. Gives the members that were refused, as texts.

        Raises:
            WaldurError, NotNow, DateRefused: the totals were not written.
        """
        self._make_ready(part)
        failures = self._set_members(part)
        passing = any(isinstance(error, Unavailable) for error in failures.values())
        if (part.totals.changed and not part.opened) or passing is not part.incomplete:
            # The totals are what is billed: they do not wait for members, but the record says that some are missing.
            self._set_totals(part, INCOMPLETE if passing else "")
        self._tell(part)
        return [f"{part.label}: {text}" for text in _by_reason(failures)]

    def _make_ready(self, part: Part) -> None:
        """An Erred resource takes no usage. It is set OK, since its account was read and has something to say."""
        resource = part.resource
        if resource.state != "Erred" or resource.uuid in self._ready:
            return
        state = self.work.waldur.resource(resource.uuid).state
        if state == "Erred":
            log.info("%s: is set OK, since its account is there and was read", part.label)
            self.work.waldur.set_resource_ok(resource.uuid)
        elif state not in _TAKES_USAGE:
            raise NotNow(f"the resource is {state} by now")
        self._ready.add(resource.uuid)

    def _set_totals(self, part: Part, description: str = "") -> None:
        amounts = {name: figure.after for name, figure in part.totals.totals.items()}

        def send(at: datetime | None) -> None:
            self.work.waldur.usages.set_usage(part.resource.uuid, amounts, at=at, description=description)
            if at:
                self.sent[part.resource.uuid] = at

        try:
            self._repeat(send)
        except Refused as error:
            if self.dating.ignored or not _OF_DATES.search(str(error)):
                raise
            if self.dating.is_past(self.month):
                raise DateRefused(str(error)) from error
            log.debug("Sent again without a date: %s", error)
            self.dating.moment(self.month)
            send(None)
            self.work.waldur.learned.lacks(DATE)

    def _set_members(self, part: Part) -> dict[str, WaldurError]:
        """Component by component; the failures by name and component, as the log has them."""
        failures: dict[str, WaldurError] = {}
        for component, figures in groupby(part.members, attrgetter("component")):
            record = part.records.get(component)
            if record is None:
                failures[f"users of {component}"] = Unavailable(
                    "Waldur shows no record of the total to put them below"
                )
                continue
            amounts = [UserAmount(it.username, it.after, self.users.get(folded(it.username), "")) for it in figures]
            failed = self._set_parts(record.uuid, amounts)
            failures |= {f"{username} ({component})": error for username, error in failed.items()}
        return failures

    def _set_parts(self, record_uuid: str, amounts: Sequence[UserAmount]) -> dict[str, WaldurError]:
        """The failures by name that remain when passing ones were tried again."""
        failures: dict[str, WaldurError] = {}
        for _ in range(ATTEMPTS):
            failed = self._set_parts_once(record_uuid, amounts)
            settled = {amount.username for amount in amounts} - failed.keys()
            failures = {name: error for name, error in (failures | failed).items() if name not in settled}
            amounts = [amount for amount in amounts if isinstance(failed.get(amount.username), Unavailable)]
            if not amounts or self.work.stop.is_set():
                break
        return failures

    def _set_parts_once(self, record_uuid: str, amounts: Sequence[UserAmount]) -> dict[str, WaldurError]:
        at = self.dating.moment(self.month)
        try:
            return self.work.waldur.usages.set_parts(record_uuid, amounts, at=at)
        except WaldurError as error:
            return {amount.username: error for amount in amounts}

    def _repeat(self, send: Callable[[datetime | None], None]) -> None:
        """Send, and again after a passing failure; whether it may be sent is asked each time."""
        for attempt in range(1, ATTEMPTS + 1):
            at = self.dating.moment(self.month)
            try:
                send(at)
            except Unavailable:
                if attempt == ATTEMPTS or self.work.stop.is_set():
                    raise
            else:
                return

    def _tell(self, part: Part) -> None:
        changed = [
            f"{name} {figure.before if figure.before is not None else 'none'} -> {figure.after}"
            for name, figure in sorted(part.totals.totals.items())
            if figure.changed
        ]
        told = ", ".join(changed) or "the same total"
        log.info("%s: reported %s, and %d figures of users", part.label, told, len(part.members))


def _by_reason(failures: Mapping[str, WaldurError]) -> list[str]:
    """One text for each reason: a server that is down is down for everybody."""
    names: dict[str, list[str]] = {}
    for name, error in failures.items():
        names.setdefault(str(error), []).append(name)
    return [f"{', '.join(who[:5])}{', …' if len(who) > 5 else ''}: {reason}" for reason, who in names.items()]
