"""Keeping one connection: opening it, noticing its end, waiting, opening it again, for ever."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import Protocol

from waldur_agent.transports import Endpoint, Link, LinkError, Listener, Refused, open_link
from waldur_agent.waldur import WaldurError

from .backoff import Backoff
from .channels import Channel

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 60.0
"""A login that was made just now may be refused for some seconds: the server tells its broker in the background."""

LONGEST_PATIENCE = 15 * 60.0
STEADY_SECONDS = 60.0
"""A connection that stood for so long was a good one."""

TOLD_ATTEMPTS = 5
TOLD_EVERY = 30


class Audience(Protocol):
    """Who wants to know what comes over a connection, and whether it stands."""

    def heard(self, source_type: str, body: bytes) -> None:
        """Hear a message; must be quick and not raise."""

    def connected(self, source_type: str) -> None:
        """From now on messages are heard."""

    def disconnected(self, source_type: str) -> None:
        """From now on they are not."""


class Keeper:
    """One channel's connection, in a thread of its own: so there is never more than one attempt at a time."""

    def __init__(
        self,
        name: str,
        channel: Channel,
        audience: Audience,
        stop: threading.Event,
        *,
        backoff: Backoff | None = None,
        connect: Callable[[Endpoint, Listener], Link] = open_link,
    ) -> None:
        self._name = name
        self._channel = channel
        self._audience = audience
        self._stop = stop
        self._backoff = backoff or Backoff()
        self._connect = connect
        self._endpoint: Endpoint | None = None
        self._anew = False
        self._registered = -LONGEST_PATIENCE
        self._patience = PATIENCE_SECONDS
        self._woken = threading.Event()
        self._reason = ""

    # ------------------------------------------------------------ called in the connection's thread

    def heard(self, body: bytes) -> None:
        """Pass a message on."""
        self._audience.heard(self._channel.source_type, body)

    def lost(self, reason: str) -> None:
        """Wake the thread that keeps the connection."""
        self._reason = reason
        self._woken.set()

    def wake(self) -> None:
        """Have ``stop`` looked at."""
        self._woken.set()

    # ------------------------------------------------------------ the thread

    def run(self) -> None:
        """Keep the connection until ``stop`` is set."""
        waits, attempt, steady = self._backoff.after_failure(), 0, True
        while not self._stop.is_set():
            attempt += 1
            link = self._attempt(waits, attempt)
            if link is None:
                continue
            began = time.monotonic()
            self._stay(link)
            # One that ends as soon as it is made is waited for like one that cannot be made.
            if steady or time.monotonic() - began >= STEADY_SECONDS:
                waits, attempt, steady = self._backoff.after_loss(), 0, False
            if not self._stop.is_set():
                self._pause(waits, f"lost: {self._reason}", attempt or 1)
        self._end()

    def _attempt(self, waits: Iterator[float], attempt: int) -> Link | None:
        """One attempt, and the wait after one that failed."""
        try:
            if self._endpoint is None:
                self._register()
            self._woken.clear()
            if self._endpoint is None or self._stop.is_set():
                return None
            return self._connect(self._endpoint, self)
        except (LinkError, WaldurError) as error:
            if isinstance(error, Refused):
                self._refused(error)
            self._pause(waits, str(error), attempt)
        except Exception:
            # Isolation: a fault in a library's depths must not end this offering's events for good.
            log.exception("%s: unexpected fault while connecting; please report it", self._name)
            self._pause(waits, "an unexpected fault", attempt)
        return None

    def _register(self) -> None:
        self._endpoint, fresh = self._channel.endpoint(anew=self._anew)
        self._patience = min(2 * self._patience, LONGEST_PATIENCE) if self._anew else self._patience
        self._anew = False
        if fresh:
            self._registered = time.monotonic()

    def _refused(self, error: Refused) -> None:
        """The same again would not help: ask Waldur for what is missing, but not over and over."""
        if error.logged_in:
            self._endpoint = None  # the queue is gone: asked for again
        elif time.monotonic() - self._registered > self._patience:
            self._endpoint, self._anew = None, True

    def _stay(self, link: Link) -> None:
        self._patience = PATIENCE_SECONDS
        log.info("%s: connected to %s", self._name, self._endpoint.address.url if self._endpoint else "")
        self._audience.connected(self._channel.source_type)
        # Also set where the connection was lost before anybody waited for it.
        self._woken.wait()
        self._audience.disconnected(self._channel.source_type)
        link.close()

    def _pause(self, waits: Iterator[float], reason: str, attempt: int = 1) -> None:
        seconds = next(waits)
        level = logging.WARNING if attempt <= TOLD_ATTEMPTS or attempt % TOLD_EVERY == 0 else logging.DEBUG
        log.log(level, "%s: %s; tried again in %.0f s", self._name, reason, seconds)
        self._woken.clear()
        if not self._stop.is_set():
            self._woken.wait(seconds)

    def _end(self) -> None:
        try:
            self._channel.drop()
        except WaldurError as error:
            log.warning("%s: %s", self._name, error)
