"""From changes of the state to messages at the broker."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import Any, Final

from waldur_agent.emulator.records import Offering
from waldur_agent.emulator.state import State

from .changes import differences, look
from .payloads import Event, events_of
from .provision import Provisioner
from .publisher import EventFaults, Publisher
from .routes import Delivery, deliveries

LOG_LENGTH: Final = 10_000


@dataclass(frozen=True, slots=True)
class Broker:
    """A RabbitMQ.

    Attributes:
        url: Of its management API, with an administrator's name and password.
        delay: Seconds after which vhosts, logins and queues are made; 0 makes them before the answer.
    """

    url: str
    delay: float = 0


class EventFeed:
    """Sends an event for every change, from :meth:`start` until :meth:`stop`.

    Attributes:
        log: The last messages, with where they were to go.
    """

    def __init__(self, state: State, broker: Broker) -> None:
        self._state = state
        self._provisioner = Provisioner(broker.url, broker.delay)
        self._publisher = Publisher(broker.url)
        self._seen = look(state)
        self.log: deque[Delivery] = deque(maxlen=LOG_LENGTH)

    def start(self) -> None:
        """Look from now on, each time that the state's lock is let go.

        Raises:
            BrokerError: the broker is not there or does not let us in.
        """
        self._provisioner.start()
        self._publisher.start()
        with self._state.lock:
            self._seen = look(self._state)
            self._state.at_broker = self._provisioner
            self._state.lock.released = self._tell_changes

    def stop(self) -> None:
        """Send what waits; look no more."""
        self._state.lock.released = None
        self._publisher.stop()
        self._provisioner.stop()

    def _tell_changes(self) -> None:
        before, self._seen = self._seen, look(self._state)
        for change in differences(self._state, before, self._seen):
            for event in events_of(self._state, change):
                self._send(deliveries(self._state, event))

    def publish(self, offering: Offering, object_type: str, payload: dict[str, Any] | str, count: int = 1) -> int:
        """Send a payload to everybody who gets such events.

        An agent's one queue gets it with ``object_type`` and ``offering_uuid``; a text, which need not be JSON, goes
        everywhere as it is.

        Returns:
            To how many queues and topics.
        """
        values = {} if isinstance(payload, str) else payload
        with self._state.lock:
            found = deliveries(self._state, Event(object_type, offering, plain=values, bare=values))
            if isinstance(payload, str):
                found = [replace(delivery, text=payload) for delivery in found]
            for _ in range(count):
                self._send(found)
        return len(found)

    def _send(self, found: list[Delivery]) -> None:
        self.log.extend(found)
        self._publisher.add(found)

    def settle(self) -> None:
        """Wait until every message is sent."""
        self._publisher.settle()

    @property
    def sent(self) -> int:
        """How many messages any queue took."""
        return self._publisher.sent

    @property
    def faults(self) -> EventFaults:
        """What happens to messages on the way."""
        return self._publisher.faults

    @faults.setter
    def faults(self, faults: EventFaults) -> None:
        self._publisher.fail(faults)
