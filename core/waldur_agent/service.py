"""Running a mode: over all offerings, once or for ever, and ending well when asked to."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from waldur_agent.config import Config, period_minutes, state_directory, verify_ssl_from
from waldur_agent.modes.catalogue import EVENTS, Job, parts
from waldur_agent.modes.passes import run_pass
from waldur_agent.modes.progress import Progress, heard, silent
from waldur_agent.modes.served import build_site, calendar_of, serving
from waldur_agent.modes.summary import Summary
from waldur_agent.planning import Release
from waldur_agent.registry import Registry
from waldur_agent.service_manager import ServiceManager

log = logging.getLogger(__name__)

GRACE_SECONDS = 4.0
"""How long running work may go on after SIGTERM; what is cut off then, the next start finds and finishes."""


@dataclass(slots=True)
class Service:
    """One mode over all offerings that it serves.

    Args:
        config: Validated.
        registry: The plugins.
        mode_name: One of the modes' names.
        environ: Periods and TLS checking come from it.
        release: Which held removals a person has allowed.
    """

    config: Config
    registry: Registry
    mode_name: str
    environ: Mapping[str, str]
    progress: Progress = silent
    release: Release | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    manager: ServiceManager = field(default_factory=ServiceManager)
    _learned: dict[str, set[str]] = field(default_factory=dict)

    def prepare(self, *, read_only: bool = False) -> list[Job]:
        """Make every plugin instance before anything is done.

        Raises:
            SiteError, PluginNotFound, PluginBroken: an offering cannot be served in this mode.
        """
        jobs = []
        for offering, mode in product(self.config.offerings, parts(self.mode_name)):
            if reason := mode.why_not(offering):
                log.info("Offering %r is not served by %s: %s.", offering.name, mode.name, reason)
                continue
            site = build_site(offering, mode.role, self.registry, self.config.timezone, read_only=read_only)
            mode.require(site)
            jobs.append(Job(mode, offering, site))
        return jobs

    def once(self, jobs: Sequence[Job]) -> int:
        """One cycle; 1 where something failed, was unreachable or is held, else 0."""
        total = Summary()
        for job in jobs:
            if self.stop.is_set():
                total.trouble("stopped before the cycle was complete; the next start goes on")
                break
            self.manager.status(f"{self.mode_name}: at work for {job.offering.name}")
            total.add(self._pass(job))
            self.manager.alive()
        ended = time.strftime("%H:%M:%S")
        self.manager.status(f"{self.mode_name}: at {ended} done {total.done}, troubles {len(total.troubles)}")
        return 1 if total.troubles else 0

    def forever(self, jobs: Sequence[Job]) -> int:
        """Cycle after cycle until asked to stop; the first at once."""
        seconds = period_minutes(self.mode_name, self.environ) * 60
        if self.mode_name == EVENTS:
            self._events(jobs, seconds)
        while not self.stop.is_set():
            self.once(jobs)
            self._rest(seconds)
        log.info("Stopped as asked.")
        return 0

    def _rest(self, seconds: float) -> None:
        """Wait for the next cycle. Waiting is well too, so whoever watches hears of it."""
        end = time.monotonic() + seconds
        watched = self.manager.watchdog_seconds or seconds
        while not self.stop.is_set() and (left := end - time.monotonic()) > 0:
            self.manager.alive()
            self.stop.wait(min(left, watched / 3))

    def _events(self, jobs: Sequence[Job], seconds: float) -> None:
        from waldur_agent.modes.event_process import Events  # noqa: PLC0415 - the other modes need none of it

        events = Events(
            jobs,
            stop=self.stop,
            verify=verify_ssl_from(self.environ),
            period=seconds,
            directory=state_directory(self.config.state_directory, self.environ),
            alive=self.manager.alive,
        )
        events.serve(watched=self.manager.watchdog_seconds)

    def _pass(self, job: Job) -> Summary:
        offering, verify = job.offering, verify_ssl_from(self.environ)
        with serving(
            offering,
            job.site,
            self.mode_name,
            verify_ssl=verify,
            stop=self.stop,
            learned=self._learned.setdefault(f"{offering.api_url} {offering.uuid}", set()),
            calendar=calendar_of(self.config),
            answered=self.manager.alive,
        ) as work:
            return run_pass(job, work, heard(self.progress, self.manager.alive), self.release)


def supervise(
    work: Callable[[], int], stop: threading.Event, *, cut_off: int, stopping: Callable[[], None] = lambda: None
) -> int:
    """Run ``work`` in a thread, so that a signal is heard at once whatever the work is doing.

    After SIGTERM, SIGINT or SIGQUIT the work has :data:`GRACE_SECONDS` to reach an end of its own. What it is
    waiting for then (a cluster command that runs in a session of its own, for example) is left to finish by itself,
    and the exit status is ``cut_off``. A second signal does not wait. ``stopping`` is called when the first has come.
    """
    result: list[int] = []
    failure: list[BaseException] = []

    def body() -> None:
        try:
            result.append(work())
        except BaseException as error:  # noqa: BLE001 - handed over to the main thread, which raises it
            failure.append(error)

    def asked_to_end(*_: object) -> None:
        if stop.is_set():  # a second time: somebody does not want to wait
            os._exit(cut_off)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, asked_to_end)
    thread = threading.Thread(target=body, name="work", daemon=True)
    thread.start()
    while thread.is_alive() and not stop.is_set():
        thread.join(0.1)
    if stop.is_set():
        stopping()
    thread.join(GRACE_SECONDS)
    if thread.is_alive():
        log.warning("Stopped while something was still running; it is left to finish on its own.")
        logging.shutdown()
        sys.stdout.flush()
        # An orderly exit would wait for the threads that are being left behind.
        os._exit(cut_off)
    if failure:
        raise failure[0]
    return result[0]
