"""Passes of ``report`` in this process: with a clock of the test's own, on a cluster that uses what it is told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from pydantic import SecretStr
from waldur_agent.config import Offering
from waldur_agent.modes import report
from waldur_agent.modes.described import Described
from waldur_agent.modes.served import Served
from waldur_agent.modes.summary import Summary
from waldur_agent.planning import Calendar
from waldur_agent.registry import PluginEntry
from waldur_agent.site import Site
from waldur_agent.waldur import Connection, Waldur
from waldur_agent_hookspecs import AccountRef, Component, NotReady, Period, Usage, hookimpl

from services.plain_waldur import OFFERING, PlainWaldur, plain_waldur

COMPONENTS = {
    "cpu": Component("cpu", "usage", Decimal(60), "Hours", "CPU"),
    "gpu": Component("gpu", "limit", Decimal(60), "Hours", "GPU"),
}


class TellingCluster:
    """A backend that used what the test says: month (``2026-11``) and account to members' minutes."""

    api_version = 1
    settings_model = dict

    def __init__(self) -> None:
        self.used: dict[str, dict[str, Usage]] = {}
        self.periods: list[Period] = []
        self.meanwhile: Callable[[], None] = lambda: None

    def use(self, month: str, account: str, **members: Mapping[str, float]) -> None:
        """Local name to component to hours."""
        usage = {
            name: {component: Decimal(str(hours)) * 60 for component, hours in amounts.items()}
            for name, amounts in members.items()
        }
        self.used.setdefault(month, {})[account] = Usage(usage)

    @hookimpl
    def collect_usage(self, refs: Sequence[AccountRef], period: Period) -> Mapping[str, Usage]:
        self.periods.append(period)
        month = f"{period.start:%Y-%m}"
        if month not in self.used:
            raise NotReady(f"nothing is known of {month}")
        found = self.used[month]
        self.meanwhile()
        return {ref.resource_uuid: found[ref.backend_id] for ref in refs if ref.backend_id in found}


@dataclass
class Reporter:
    """The agent. Each :meth:`run` is a cycle of one process; :meth:`restart` begins another."""

    server: PlainWaldur
    url: str
    cluster: TellingCluster
    now: datetime
    zone: str = "UTC"
    months: int = 2
    grace_days: int = 31
    settings: dict[str, object] = field(default_factory=dict)
    learned: set[str] = field(default_factory=set)

    def restart(self) -> None:
        """A new process knows nothing of the server."""
        self.learned = set()

    def run(self) -> Summary:
        """One cycle; what was asked of the server is that of this cycle."""
        self.server.asked.clear()
        with self._served() as work:
            return report.run(work)

    def plan(self) -> Described:
        """What a cycle would do."""
        self.server.asked.clear()
        with self._served() as work:
            return report.describe(work)

    @contextmanager
    def _served(self) -> Iterator[Served]:
        offering = Offering(
            name="HPC",
            api_url=self.url,
            token=SecretStr("t"),
            uuid=OFFERING,
            backends={},
            components=COMPONENTS,
            **self.settings,  # type: ignore[arg-type] # of each test
        )
        connection = Connection(self.url, "t", user_agent="waldur-site-agent-report/1")
        site = Site("HPC", [(PluginEntry.of("telling", TellingCluster), self.cluster)])  # type: ignore[arg-type] # made by hand
        calendar = Calendar(ZoneInfo(self.zone), self.months, self.grace_days, lambda: self.now)
        try:
            yield Served(
                offering, Waldur(connection, OFFERING, self.learned), site, threading.Event(), calendar=calendar
            )
        finally:
            connection.close()


@contextmanager
def reporting(now: datetime, **server: object) -> Iterator[Reporter]:
    """An agent, a cluster and a Waldur, all of the same time."""
    waldur = PlainWaldur(now, **server)  # type: ignore[arg-type] # of each test
    with plain_waldur(waldur) as url:
        yield Reporter(waldur, url, TellingCluster(), now)
