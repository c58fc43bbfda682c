"""The one thread that works for an offering: it takes what is waiting, and runs passes over just that."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from waldur_agent.config import Offering, Role
from waldur_agent.modes.catalogue import Job
from waldur_agent.modes.departed import Departed
from waldur_agent.modes.focus import Focus, Hint, Kind
from waldur_agent.modes.passes import run_pass
from waldur_agent.modes.progress import heard, silent
from waldur_agent.modes.served import serving
from waldur_agent.modes.summary import Summary
from waldur_agent.waldur import WaldurError

from .backoff import retry_seconds
from .messages import ORDER_TYPES, Unserved, Unusable, hints_of
from .pending import Pending

log = logging.getLogger(__name__)

ALIVE_SECONDS = 30 * 60.0
"""Waldur shows an offering as served when its orders were asked for within an hour."""

ALIVE_RETRY_SECONDS = 60.0
"""After a failure; twenty-nine more may follow before it is too late."""

AWAY_SECONDS = 5 * 60.0
"""While a connection is down, everything is looked at as often as a polling mode does."""

LOOKS = 8
"""How often something is looked for that is not there: with the doubling waits, for a minute."""

_MEMBERS = (Kind.RESOURCE, Kind.PROJECT, Kind.PERSON, Kind.NEWCOMER)


@dataclass
class Worker:
    """One offering's work.

    Attributes:
        jobs: By role; one that is missing is not done for the offering.
        verify: Whether certificates are checked, as far as the environment says.
        period: Seconds between two whole passes; 0: none that nothing asks for.
        alive: Called as work goes on.
        busy: Whether it is at work, and not waiting for some.
    """

    offering: Offering
    jobs: Mapping[Role, Job]
    stop: threading.Event
    verify: bool
    period: float
    alive: Callable[[], None] = lambda: None
    busy: bool = False
    pending: Pending = field(default_factory=Pending)
    counts: Counter[str] = field(default_factory=Counter)
    _departed: Departed = field(default_factory=Departed)
    _learned: set[str] = field(default_factory=set)
    _down: set[str] = field(default_factory=lambda: {"not known yet"})
    _forgot: float = field(default_factory=time.monotonic)

    # ------------------------------------------------------------ called by the connections' threads

    def heard(self, source_type: str, body: bytes) -> None:
        """Put what a message hints at among what is waiting. Nothing that comes in ends anything."""
        self.counts["messages"] += 1
        try:
            self.pending.add(self._served(hints_of(body, source_type, self.offering.uuid)))
        except Unserved as reason:
            log.debug("%s: a message %s", self.offering.name, reason)
        except Unusable as reason:
            self._complain(f"a message of {source_type or 'the agent queue'} {reason}")
        except Exception as error:  # noqa: BLE001 - isolation: it would end the connection's thread, and all events
            self._complain(f"a message could not be read: {error!r}")

    def expect(self, source_types: Iterable[str]) -> None:
        """Learn which connections there will be."""
        self._down = set(source_types)

    def connected(self, source_type: str) -> None:
        """Look at all that may have been missed."""
        self._down.discard(source_type)
        self.pending.add(self._wholes(source_type))

    def disconnected(self, source_type: str) -> None:
        """Look at everything now and then, until the connection is back."""
        self._down.add(source_type)
        self.pending.add(self._wholes(source_type), AWAY_SECONDS)

    def _served(self, hints: Collection[Hint]) -> set[Hint]:
        role = {Kind.ORDER: Role.ORDER_PROCESSING, Kind.ALL_ORDERS: Role.ORDER_PROCESSING}
        return {hint for hint in hints if role.get(hint.kind, Role.MEMBERSHIP_SYNC) in self.jobs}

    def _wholes(self, source_type: str) -> set[Hint]:
        if not source_type:
            return self._served({Hint(Kind.ALL_ORDERS), Hint(Kind.ALL_MEMBERS)})
        return self._served({Hint(Kind.ALL_ORDERS if source_type in ORDER_TYPES else Kind.ALL_MEMBERS)})

    def _complain(self, text: str) -> None:
        """The first, the tenth, the hundredth, …: whoever floods the queue must not flood the log."""
        self.counts["unusable"] += 1
        count = self.counts["unusable"]
        level = logging.WARNING if str(count).strip("0") == "1" else logging.DEBUG
        log.log(level, "%s: %s (unusable so far: %d)", self.offering.name, text, count)

    # ------------------------------------------------------------ the thread

    def run(self) -> None:
        """Work until asked to stop."""
        self.pending.add(self._wholes(""))
        # A pass over the orders shows it as well.
        self.pending.add([Hint(Kind.ALIVE)], ALIVE_SECONDS if Role.ORDER_PROCESSING in self.jobs else 0)
        while not self.stop.is_set():
            if batch := self.pending.take(ALIVE_SECONDS):
                self.busy = True
                try:
                    self.work(batch)
                except Exception:
                    # Isolation: the thread would end, and with it all service for this offering.
                    log.exception("%s: unexpected fault; please report it", self.offering.name)
                    for hint, tried in batch.items():
                        self.pending.again(hint, tried + 1, retry_seconds(tried))
                self.busy = False

    def work(self, batch: Mapping[Hint, int]) -> None:
        """Deal with what was waiting: orders first, since somebody is waiting for them."""
        orders = {hint: tried for hint, tried in batch.items() if hint.kind in {Kind.ORDER, Kind.ALL_ORDERS}}
        members = {hint: tried for hint, tried in batch.items() if hint.kind in {*_MEMBERS, Kind.ALL_MEMBERS}}
        self._pass(Role.ORDER_PROCESSING, Hint(Kind.ALL_ORDERS), orders)
        self._pass(Role.MEMBERSHIP_SYNC, Hint(Kind.ALL_MEMBERS), members)
        if Hint(Kind.ALIVE) in batch:
            self._show_life()

    def _pass(self, role: Role, whole: Hint, batch: Mapping[Hint, int]) -> None:
        if not batch or self.stop.is_set():
            return
        self._let_go()
        job = self.jobs[role]
        focus = Focus.on(batch, whole=whole in batch)
        with serving(
            self.offering,
            job.site,
            "event_process",
            verify_ssl=self.verify,
            stop=self.stop,
            learned=self._learned,
            answered=self.alive,
        ) as work:
            work = replace(work, focus=focus, departed=self._departed)  # noqa: PLW2901 - the same, with its focus
            summary = run_pass(job, work, heard(silent, self.alive))
        self._settle(batch, summary)
        if whole in batch and not summary.failed:
            self._plan_next(whole)

    def _settle(self, batch: Mapping[Hint, int], summary: Summary) -> None:
        """Have looked at again what is not finished; give up what does not appear."""
        again = set(batch) if summary.failed else summary.left
        for hint in self._served(again):
            tried = batch.get(hint, 0)
            self.pending.again(hint, tried + 1, retry_seconds(tried))
        for hint in self._served(summary.unseen - again):
            tried = batch.get(hint, 0)
            if tried < LOOKS:
                self.pending.again(hint, tried + 1, retry_seconds(tried))
            else:
                log.info("%s: %s %s does not appear; left to the next whole pass", self.offering.name, *hint)

    def _plan_next(self, whole: Hint) -> None:
        seconds = AWAY_SECONDS if self._down else self.period
        if seconds:
            self.pending.add([whole], seconds)

    def _let_go(self) -> None:
        """Without periodic whole passes, the fuse's memory is an hour long."""
        if not self.period and time.monotonic() - self._forgot > 3600:
            self._departed.forget()
            self._forgot = time.monotonic()

    def _show_life(self) -> None:
        self.pending.add([Hint(Kind.ALIVE)], ALIVE_SECONDS)
        counts = self.counts
        log.info("%s: %d messages, %d unusable", self.offering.name, counts["messages"], counts["unusable"])
        if Role.ORDER_PROCESSING in self.jobs:
            self.pending.add([Hint(Kind.ALL_ORDERS)])
            return
        site = next(iter(self.jobs.values())).site
        try:
            with serving(self.offering, site, "event_process", verify_ssl=self.verify, stop=self.stop) as work:
                work.waldur.open_orders()
        except WaldurError as error:
            log.warning("%s: Waldur may show the offering as not served: %s", self.offering.name, error)
            self.pending.add([Hint(Kind.ALIVE)], ALIVE_RETRY_SECONDS)
