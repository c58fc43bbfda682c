"""What a connection to a broker is, whatever it speaks."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

CONNECT_SECONDS = 10.0
"""How long each step of opening may take."""

HEARTBEAT_SECONDS = 10
"""Both sides show this often that they live. A connection that shows nothing for two of them is given up."""


class LinkError(Exception):
    """Base: which broker, what was asked of it, what came back."""


class Unreachable(LinkError):  # noqa: N818 - a state of the broker, not of the program
    """No connection, or no answer: passing."""


class Refused(LinkError):  # noqa: N818 - as above
    """The broker answered and said no: to the login, or (``logged_in``) to the subscription after it."""

    def __init__(self, text: str, *, logged_in: bool = False) -> None:
        super().__init__(text)
        self.logged_in = logged_in


@dataclass(frozen=True, slots=True)
class Address:
    """Where a broker listens for WebSockets. ``host`` is bare, also an IPv6 address."""

    host: str
    port: int
    path: str
    tls: bool = True

    @property
    def netloc(self) -> str:
        """Host and port as they stand in a URL."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """``wss://waldur.example.org:443/rmqws-stomp``."""
        return f"{'wss' if self.tls else 'ws'}://{self.netloc}{self.path}"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What to log in with and what to listen to.

    Attributes:
        protocol: Of the broker.
        verify: Whether the broker's certificate is checked.
        destination: A STOMP destination or an MQTT topic.
    """

    protocol: Literal["stomp", "mqtt"]
    address: Address
    vhost: str
    login: str
    password: str = field(repr=False)
    destination: str
    verify: bool = True


def unreachable(address: Address) -> str:
    """Why nobody can be connected to there; empty where somebody can. Nothing is said to whoever it is."""
    try:
        socket.create_connection((address.host, address.port), CONNECT_SECONDS).close()
    except (OSError, ValueError) as error:  # the second for a name that is none
        return reason_of(error)
    return ""


class Listener(Protocol):
    """Hears what comes. Called in the connection's own thread: it must be quick and must not raise."""

    def heard(self, body: bytes) -> None:
        """Hear a message."""

    def lost(self, reason: str) -> None:
        """Learn that the connection ended without being closed; nothing comes after this."""


class Standing:
    """Whether a connection stands. That it ended is told once, and only of one that stood and was not closed."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._lock = threading.Lock()
        self._stands = False

    def begin(self, alive: Callable[[], bool]) -> bool:
        """From now on it stands, if it is still ``alive``; gives that."""
        with self._lock:
            self._stands = alive()
            return self._stands

    def end(self) -> bool:
        """It stands no more; gives whether it did."""
        with self._lock:
            stood, self._stands = self._stands, False
        return stood

    def lose(self, reason: str) -> None:
        """It ended by itself."""
        if self.end():
            self._listener.lost(reason)


class Link(Protocol):
    """An open, subscribed connection."""

    def close(self) -> None:
        """End it orderly, within a second or two. The listener is not told."""


class _Unopened(Link, Protocol):
    def start(self) -> None:
        """Connect, log in, subscribe.

        Raises:
            Unreachable, Refused: it has to be closed all the same.
        """


def open_link(endpoint: Endpoint, listener: Listener) -> Link:
    """Connect, log in and subscribe. Messages may be heard before this returns.

    Raises:
        Unreachable, Refused: nothing is left open.
    """
    link = _unopened(endpoint, listener)
    try:
        link.start()
    except BaseException:
        link.close()
        raise
    return link


def _unopened(endpoint: Endpoint, listener: Listener) -> _Unopened:
    # Imported here, so that an agent that polls needs neither.
    if endpoint.protocol == "mqtt":
        from .mqtt_ws import MqttLink  # noqa: PLC0415 - see above

        return MqttLink(endpoint, listener)
    from .stomp_ws import StompLink  # noqa: PLC0415 - see above

    return StompLink(endpoint, listener)


def reason_of(error: BaseException) -> str:
    """An error of a library, for people: some have no text of their own."""
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
