"""Consumers as an agent has them, but written with the libraries alone: what they get is what the broker sends."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import paho.mqtt.client as mqtt
import stomp
from paho.mqtt.enums import CallbackAPIVersion

from .node import MQTT_PATH, STOMP_PATH
from .ports import Ports

SECONDS: Final = 20


class RefusedError(Exception):
    """The broker does not let us in, or ends the connection.

    The text is its own where it gives one: to a subscription that is wrong, RabbitMQ 3.10 answers over WebSocket with
    no ERROR frame. It closes the connection, and the reason is in its log.
    """


class Inbox:
    """What came: decoded JSON, or the reason for which nothing more will."""

    def __init__(self) -> None:
        self._items: queue.Queue[Any] = queue.Queue()

    def put(self, item: Any) -> None:
        """From the library's thread."""
        self._items.put(item)

    def take(self, seconds: float = SECONDS) -> Any:
        """The next message.

        Raises:
            RefusedError: the broker ended it.
            AssertionError: nothing came.
        """
        try:
            item = self._items.get(timeout=seconds)
        except queue.Empty:
            raise AssertionError(f"nothing came in {seconds} s") from None
        if isinstance(item, RefusedError):
            raise item
        return item

    def take_some(self, count: int) -> list[Any]:
        """The next messages."""
        return [self.take() for _ in range(count)]

    def until(self, wanted: Callable[[Any], bool]) -> Any:
        """The first message that is wanted; those before it are dropped."""
        while not wanted(message := self.take()):
            pass
        return message

    @property
    def empty(self) -> bool:
        """Whether nothing is waiting."""
        return self._items.empty()


class _Listener(stomp.ConnectionListener):  # type: ignore[misc] # the library is not typed
    def __init__(self, inbox: Inbox, transport: Any) -> None:
        self.inbox = inbox
        self.transport = transport
        self.websocket: Any = None
        self.refused = ""

    def on_send(self, frame: Any) -> None:
        self.websocket = self.transport.socket or self.websocket

    def hang_up(self) -> None:
        """What the library leaves open where the broker was the first to close."""
        if self.websocket is not None:
            self.websocket.shutdown()

    def on_message(self, frame: Any) -> None:
        self.inbox.put(json.loads(frame.body))

    def on_error(self, frame: Any) -> None:
        self.refused = f"{frame.headers.get('message', '')} {frame.body}".strip()
        self.inbox.put(RefusedError(self.refused))

    def on_disconnected(self) -> None:
        self.inbox.put(RefusedError("closed"))


@contextmanager
def stomp_consumer(ports: Ports, vhost: str, login: str, passcode: str, *destinations: str) -> Iterator[Inbox]:
    """Subscribe over a WebSocket with ``ack:auto``.

    Raises:
        RefusedError: the broker does not let us in.
    """
    inbox = Inbox()
    connection = stomp.WSStompConnection(
        [("127.0.0.1", ports.stomp_ws)],
        ws_path=STOMP_PATH,
        vhost=vhost,
        heartbeats=(10000, 10000),
        reconnect_attempts_max=1,
    )
    listener = _Listener(inbox, connection.transport)
    connection.set_listener("", listener)
    try:
        connection.connect(login, passcode, wait=True, headers={"heart-beat": "10000,10000"})
    except stomp.exception.ConnectFailedException as error:
        listener.hang_up()
        raise RefusedError(listener.refused or "no answer") from error
    try:
        for number, destination in enumerate(destinations, 1):
            connection.subscribe(destination, id=f"waldur-{number}", ack="auto")
        yield inbox
    finally:
        connection.disconnect(receipt="bye")
        listener.hang_up()


@contextmanager
def mqtt_consumer(ports: Ports, vhost: str, login: str, password: str, *topics: str) -> Iterator[Inbox]:
    """Subscribe over a WebSocket with QoS 0 and a clean session.

    Raises:
        RefusedError: the broker does not let us in.
    """
    inbox, subscribed, ended = Inbox(), Inbox(), threading.Event()

    def left(*_: Any) -> None:
        subscribed.put(RefusedError("closed"))
        ended.set()

    client = mqtt.Client(
        CallbackAPIVersion.VERSION2,
        client_id=f"paho-mqtt-client-{login}-order",
        transport="websockets",
        reconnect_on_failure=False,
    )
    client.ws_set_options(path=MQTT_PATH)
    client.username_pw_set(f"{vhost}:{login}", password)
    client.on_connect = lambda *args: subscribed.put(RefusedError(str(args[3])) if args[3].is_failure else "in")
    # RabbitMQ 3.10 answers a wrong password with no CONNACK: it closes the WebSocket.
    client.on_disconnect = left
    client.on_subscribe = lambda *_: subscribed.put("subscribed")
    client.on_message = lambda _client, _data, message: inbox.put(json.loads(message.payload))
    client.connect("127.0.0.1", ports.mqtt_ws)
    client.loop_start()
    try:
        subscribed.take()
        for topic in topics:
            client.subscribe(topic, qos=0)
            subscribed.take()
        yield inbox
    finally:
        # A loop that is stopped before it has hung up would leave the connection open.
        if client.is_connected():
            client.disconnect()
            ended.wait(SECONDS)
        client.loop_stop()
