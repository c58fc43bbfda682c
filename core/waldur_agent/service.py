"""Running a mode: over all offerings, once or for ever, and ending well when asked to."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

from waldur_agent_hookspecs import NotReady, Outcome

from waldur_agent.config import Config, Offering, period_minutes, verify_ssl_from
from waldur_agent.modes.catalogue import Mode, find
from waldur_agent.modes.progress import Progress, silent
from waldur_agent.modes.served import build_site, serving
from waldur_agent.modes.summary import Summary
from waldur_agent.planning import Release
from waldur_agent.registry import Registry
from waldur_agent.service_manager import ServiceManager
from waldur_agent.site import PluginBug, Site
from waldur_agent.waldur import Unauthorized, WaldurError

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
    _absent: dict[str, set[str]] = field(default_factory=dict)

    def prepare(self, *, read_only: bool = False) -> list[tuple[Offering, Site]]:
        """Make every plugin instance before anything is done.

        Raises:
            SiteError, PluginNotFound, PluginBroken: an offering cannot be served in this mode.
        """
        mode = find(self.mode_name)
        sites = []
        for offering in self.config.offerings:
            if reason := _why_not(offering, mode):
                log.info("Offering %r is not served by %s: %s.", offering.name, mode.name, reason)
                continue
            site = build_site(offering, mode.role, self.registry, self.config.timezone, read_only=read_only)
            mode.require(site)
            sites.append((offering, site))
        return sites

    def once(self, sites: list[tuple[Offering, Site]]) -> int:
        """One cycle; 1 where something failed, was unreachable or is held, else 0."""
        total = Summary()
        for offering, site in sites:
            if self.stop.is_set():
                total.trouble("stopped before the cycle was complete; the next start goes on")
                break
            self.manager.status(f"{self.mode_name}: at work for {offering.name}")
            total.add(self._pass(offering, site))
            self.manager.alive()
        ended = time.strftime("%H:%M:%S")
        self.manager.status(f"{self.mode_name}: at {ended} done {total.done}, troubles {len(total.troubles)}")
        return 1 if total.troubles else 0

    def forever(self, sites: list[tuple[Offering, Site]]) -> int:
        """Cycle after cycle until asked to stop; the first at once."""
        seconds = period_minutes(self.mode_name, self.environ) * 60
        while not self.stop.is_set():
            self.once(sites)
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

    def _heard(self, total: int, title: str) -> AbstractContextManager[Callable[[Outcome], None]]:
        """The progress, heard by the service manager too."""
        return _told(self.progress(total, title), self.manager.alive)

    def _pass(self, offering: Offering, site: Site) -> Summary:
        mode = find(self.mode_name)
        began = time.monotonic()
        summary = Summary()
        try:
            verify = verify_ssl_from(self.environ)
            absent = self._absent.setdefault(f"{offering.api_url} {offering.uuid}", set())
            with serving(
                offering,
                site,
                mode.name,
                verify_ssl=verify,
                stop=self.stop,
                absent=absent,
                answered=self.manager.alive,
            ) as work:
                summary = mode.run(work, self._heard, self.release)
        except Unauthorized as error:
            summary.trouble(f"{offering.name}: {error}")
        except (WaldurError, NotReady, PluginBug) as error:
            summary.trouble(f"{offering.name}: {error}; left for the next cycle")
            log.debug("The traceback:", exc_info=True)
        except Exception as error:
            summary.trouble(f"{offering.name}: unexpected fault in {mode.name}: {error!r}; please report it")
            log.debug("The traceback:", exc_info=True)
        seconds = time.monotonic() - began
        log.info("%s: done %d, troubles %d, %.1f s.", offering.name, summary.done, len(summary.troubles), seconds)
        return summary


def _why_not(offering: Offering, mode: Mode) -> str:
    if mode.role not in offering.backends:
        return "its backend key is not set"
    if mode.polls and offering.event_transport:
        return f"{offering.event_transport}_enabled leaves it to event_process"
    return ""


@contextmanager
def _told(
    progress: AbstractContextManager[Callable[[Outcome], None]], alive: Callable[[], None]
) -> Iterator[Callable[[Outcome], None]]:
    with progress as ended:

        def heard(outcome: Outcome) -> None:
            alive()
            ended(outcome)

        yield heard


def supervise(
    work: Callable[[], int], stop: threading.Event, *, cut_off: int, stopping: Callable[[], None] = lambda: None
) -> int:
    """Run ``work`` in a thread, so that a signal is heard at once whatever the work is doing.

    After SIGTERM or SIGINT the work has :data:`GRACE_SECONDS` to reach an end of its own. What it is waiting for
    then (a cluster command that runs in a session of its own, for example) is left to finish by itself, and the
    exit status is ``cut_off``. ``stopping`` is called when the signal has come.
    """
    result: list[int] = []
    failure: list[BaseException] = []

    def body() -> None:
        try:
            result.append(work())
        except BaseException as error:  # noqa: BLE001 - handed over to the main thread, which raises it
            failure.append(error)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
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
