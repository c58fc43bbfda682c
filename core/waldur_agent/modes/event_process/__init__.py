"""``event_process``: the passes of the polling modes, over just the objects that Waldur's events name, at once.

For each offering there is one thread that works (:mod:`.worker`) and one for each connection (:mod:`.keeper`).
Messages are hints: lost, doubled or late ones do no harm, since what is true is read from Waldur, and whole passes
find what was missed.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from waldur_agent.config import Offering, Role
from waldur_agent.modes.catalogue import Job
from waldur_agent.waldur import WaldurError

from .backoff import Backoff
from .channels import Channel, Desk, open_channels, wanted_types
from .introduction import introduce
from .keeper import Keeper
from .remembered import Remembered
from .worker import Worker

__all__ = ["Events"]

log = logging.getLogger(__name__)


class Events:
    """The event mode over all its offerings.

    Args:
        jobs: Up to two for each offering: orders and members.
        stop: Set when the agent is asked to end.
        verify: Whether certificates are checked, as far as the environment says.
        period: Seconds between two whole passes; 0: none that nothing asks for.
        directory: Where subscriptions are remembered.
        alive: Called as work goes on.
    """

    def __init__(
        self,
        jobs: Sequence[Job],
        *,
        stop: threading.Event,
        verify: bool,
        period: float,
        directory: Path,
        alive: Callable[[], None] = lambda: None,
    ) -> None:
        self._stop = stop
        self._verify = verify
        self._alive = alive
        self._remembered = Remembered(directory)
        self._threads: list[threading.Thread] = []
        self._keepers: list[Keeper] = []
        self._lock = threading.Lock()
        self._workers = [
            Worker(offering, {job.mode.role: job for job in own}, stop, verify, period, alive)
            for offering, own in _by_offering(jobs)
        ]

    def serve(self, watched: float | None = None) -> None:
        """Work until asked to stop; whoever watches wants to hear every ``watched`` seconds that all is well."""
        if not self._workers:
            log.info("No offering has stomp_enabled or mqtt_enabled; there is nothing to do here.")
        for worker in self._workers:
            self._start(worker.run, f"{worker.offering.name} work")
            # Each in a thread of its own: a server that does not answer must not keep the others waiting.
            self._start(lambda worker=worker: self._open(worker), f"{worker.offering.name} opening")
        while not self._stop.wait(watched / 3 if watched else None):
            # Those who wait for events are well; those who work tell it themselves, by what they achieve.
            if not any(worker.busy for worker in self._workers):
                self._alive()
        self._close()

    def _start(self, target: object, name: str) -> None:
        assert callable(target)  # noqa: S101 - for the type checker, which does not see through lambdas
        thread = threading.Thread(target=target, name=name, daemon=True)
        with self._lock:
            self._threads.append(thread)
        thread.start()

    def _open(self, worker: Worker) -> None:
        """Find out what the server has, however long that takes, and keep a connection to each part of it."""
        offering = worker.offering
        types = wanted_types(orders=Role.ORDER_PROCESSING in worker.jobs, members=Role.MEMBERSHIP_SYNC in worker.jobs)
        desk = Desk(offering, types, self._remembered, self._verify)
        channels = self._channels(desk)
        worker.expect(channel.source_type for channel in channels)
        for channel in channels:
            name = f"{offering.name}: events" + (f" of {channel.source_type}" if channel.source_type else "")
            keeper = Keeper(name, channel, worker, self._stop)
            with self._lock:
                self._keepers.append(keeper)
            self._start(keeper.run, name)
        if channels:
            introduce(desk, sorted({offering.backends[role] for role in worker.jobs}))

    def _channels(self, desk: Desk) -> list[Channel]:
        for seconds in Backoff().after_failure():
            if self._stop.is_set():
                break
            try:
                return open_channels(desk)
            except WaldurError as error:
                log.warning("%s: no events yet: %s; tried again in %.0f s", desk.offering.name, error, seconds)
            except Exception:
                # Isolation: this thread is the only one that can bring the offering its events.
                log.exception("%s: no events yet; tried again in %.0f s", desk.offering.name, seconds)
            self._stop.wait(seconds)
        return []

    def _close(self) -> None:
        for worker in self._workers:
            worker.pending.close()
        with self._lock:
            for keeper in self._keepers:
                keeper.wake()
            threads = list(self._threads)
        # For as long as it takes: whoever runs this bounds it, by leaving behind what does not end.
        for thread in threads:
            thread.join()


def _by_offering(jobs: Iterable[Job]) -> list[tuple[Offering, list[Job]]]:
    found: dict[int, tuple[Offering, list[Job]]] = {}
    for job in jobs:
        found.setdefault(id(job.offering), (job.offering, []))[1].append(job)
    return list(found.values())
