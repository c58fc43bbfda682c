"""Vhosts, logins and queues, made in the background as a Waldur's task queue makes them."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from typing import Final

from waldur_agent.emulator.at_broker import AtBroker
from waldur_agent.emulator.records import User

from .management import BrokerError, Management

LOG = logging.getLogger(__name__)

DEAD_LETTERS: Final = "waldur.dlq.messages"
MESSAGE_TTL: Final = 3_600_000
MAX_LENGTH: Final = 10_000
OVERFLOW: Final = "reject-publish-dlx"

QUEUE_ARGUMENTS: Final = {
    "x-message-ttl": MESSAGE_TTL,
    "x-max-length": MAX_LENGTH,
    "x-overflow": OVERFLOW,
    "x-dead-letter-exchange": "",
    "x-dead-letter-routing-key": DEAD_LETTERS,
}
CONSUMER_POLICY: Final = {
    "message-ttl": MESSAGE_TTL,
    "max-length": MAX_LENGTH,
    "overflow": OVERFLOW,
    "dead-letter-exchange": "",
    "dead-letter-routing-key": DEAD_LETTERS,
}

_RETRY_SECONDS: Final = 0.5
_PATIENCE: Final = 10.0

Task = Callable[[Management], None]


class Provisioner(AtBroker):
    """Does what endpoints ask for, in order, and until it succeeds.

    Args:
        url: The broker's management API.
        delay: Seconds between the answer and the beginning of the work: so long is a first connect refused.
    """

    def __init__(self, url: str, delay: float = 0) -> None:
        self._management = Management(url)
        self._delay = delay
        self._tasks: queue.Queue[tuple[float, Task]] = queue.Queue()
        self._idle = threading.Condition()
        self._pending = 0
        self._failing = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="emulator provisioning", daemon=True)

    def start(self) -> None:
        """Begin.

        Raises:
            BrokerError: the broker is not there or does not let us in.
        """
        self._management.check()
        self._thread.start()

    def stop(self) -> None:
        """End, finished or not."""
        self._stop.set()
        self._tasks.put((0, lambda _: None))
        self._thread.join()
        self._management.close()

    def settle(self) -> bool:
        """Wait until all is made, but neither where it is to take its time nor for a broker that is away."""
        with self._idle:
            self._idle.wait_for(lambda: not self._pending or self._failing, 0 if self._delay else _PATIENCE)
            return not self._pending

    # ------------------------------------------------------------ what endpoints ask for

    def add_login(self, user: User, login: str) -> None:
        """See :class:`AtBroker`."""
        vhost, token = user.uuid, user.token

        def task(management: Management) -> None:
            management.add_vhost(vhost)
            management.add_queue(vhost, DEAD_LETTERS, {})
            management.set_policy(vhost, "consumers", "^consumer_", CONSUMER_POLICY)
            management.add_user(login, token, vhost)

        self._add(task)

    def drop_login(self, user: User, login: str) -> None:
        """See :class:`AtBroker`."""
        vhost = user.uuid

        def task(management: Management) -> None:
            management.delete_user(login)
            management.delete_queues(vhost, f"subscription_{login}_")

        self._add(task)

    def add_subscription_queue(self, user: User, queue: str) -> None:
        """See :class:`AtBroker`."""
        self._add(lambda management: management.add_queue(user.uuid, queue, QUEUE_ARGUMENTS))

    def add_consumer_queue(self, user: User, queue: str) -> None:
        """See :class:`AtBroker`."""
        self._add(lambda management: management.add_queue(user.uuid, queue, {}))

    # ------------------------------------------------------------ doing it

    def _add(self, task: Task) -> None:
        with self._idle:
            self._pending += 1
        self._tasks.put((time.monotonic() + self._delay, task))

    def _run(self) -> None:
        while not self._stop.is_set():
            due, task = self._tasks.get()
            self._stop.wait(max(0.0, due - time.monotonic()))
            self._finish(task)
            self._note(done=1, failing=False)

    def _finish(self, task: Task) -> None:
        while not self._stop.is_set():
            try:
                task(self._management)
            except BrokerError as error:
                if not self._failing:
                    LOG.warning("Preparing the broker is tried until it succeeds: %s", error)
                self._note(done=0, failing=True)
                self._stop.wait(_RETRY_SECONDS)
            else:
                break

    def _note(self, *, done: int, failing: bool) -> None:
        with self._idle:
            self._pending -= done
            self._failing = failing
            self._idle.notify_all()
