"""Sends messages in the background, once at most: what the broker does not take is lost, as on a real server."""

from __future__ import annotations

import logging
import queue
import random
import threading
from collections.abc import Iterable
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from .management import BrokerError, Management
from .routes import Delivery

LOG = logging.getLogger(__name__)

_IDLE_SECONDS: Final = 0.05


class EventFaults(BaseModel):
    """What happens to messages on the way.

    Attributes:
        drop: Probability that one is lost.
        duplicate: Probability that one is sent twice.
        reorder: How many wait for each other, to go in any order; they go when nothing more comes.
        seed: What chance does.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    drop: float = Field(default=0, ge=0, le=1)
    duplicate: float = Field(default=0, ge=0, le=1)
    reorder: int = Field(default=0, ge=0)
    seed: int = 0


class Publisher:
    """One thread with one connection to the broker.

    Attributes:
        sent: How many messages any queue took.
    """

    def __init__(self, url: str) -> None:
        self._management = Management(url)
        self._waiting: queue.Queue[Delivery | None] = queue.Queue()
        self._held: list[Delivery] = []
        self._thread = threading.Thread(target=self._run, name="emulator events", daemon=True)
        self.sent = 0
        self.fail(EventFaults())

    def fail(self, faults: EventFaults) -> None:
        """From now on this happens to messages."""
        # Not for secrets: the same seed must lose the same messages in every run.
        self._faults, self._chance = faults, random.Random(faults.seed)  # noqa: S311

    @property
    def faults(self) -> EventFaults:
        """What happens to messages."""
        return self._faults

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Send what waits, and end."""
        self._waiting.put(None)
        self._thread.join()
        self._management.close()

    def add(self, deliveries: Iterable[Delivery]) -> None:
        """Send these after those that wait."""
        for delivery in deliveries:
            self._waiting.put(delivery)

    def settle(self) -> None:
        """Wait until everything is sent."""
        self._waiting.join()

    def _run(self) -> None:
        while True:
            try:
                # Those that wait for each other must not wait for ever.
                delivery = self._waiting.get(timeout=_IDLE_SECONDS if self._held else None)
            except queue.Empty:
                self._let_go(0)
                continue
            if delivery is None:
                self._let_go(0)
                self._waiting.task_done()
                return
            self._held.append(delivery)
            self._let_go(self._faults.reorder)

    def _let_go(self, kept: int) -> None:
        while len(self._held) > kept:
            number = self._chance.randrange(len(self._held)) if self._faults.reorder else 0
            self._pass_on(self._held.pop(number))
            self._waiting.task_done()

    def _pass_on(self, delivery: Delivery) -> None:
        if self._chance.random() < self._faults.drop:
            return
        for _ in range(1 + (self._chance.random() < self._faults.duplicate)):
            try:
                self._send(delivery)
            except BrokerError as error:
                LOG.warning("An event is lost: %s", error)

    def _send(self, delivery: Delivery) -> None:
        where = (delivery.vhost, delivery.exchange, delivery.destination)
        taken = self._management.publish(*where, delivery.text)
        if not taken and delivery.declared:
            self._management.add_queue(delivery.vhost, delivery.destination, {})
            taken = self._management.publish(*where, delivery.text)
        self.sent += taken
