"""STOMP 1.2 in a WebSocket."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from typing import Any

import stomp
import websocket
from stomp.adapter.ws import WSTransport
from stomp.connect import BaseConnection, StompConnection12
from stomp.protocol import Protocol12

from .certificates import tls_context
from .links import CONNECT_SECONDS, HEARTBEAT_SECONDS, Endpoint, Listener, Refused, Standing, Unreachable, reason_of

SILENCE_SECONDS = 1.5 * HEARTBEAT_SECONDS
"""So long without a byte, and a connection is dead."""

CLOSING_SECONDS = 1.0

# It reports on its own what is reported here, and its debug lines show whole frames.
logging.getLogger("stomp.py").setLevel(logging.CRITICAL)


class _Transport(WSTransport):  # type: ignore[misc] # untyped
    """Connects once, without stomp.py's attempts, waits and guesses about local hosts, and says why it could not."""

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__([(endpoint.address.host, endpoint.address.port)], vhost=endpoint.vhost, auto_decode=False)
        self._endpoint = endpoint
        self._wire: socket.socket | None = None

    def attempt_connection(self) -> None:
        """Open the WebSocket."""
        address = self._endpoint.address
        self.connection_error = False
        self.current_host_and_port = (address.host, address.port)
        tls = {"context": tls_context(verify=self._endpoint.verify)} if address.tls else None
        opened = websocket.create_connection(
            address.url, timeout=CONNECT_SECONDS, sslopt=tls, subprotocols=["v12.stomp"], enable_multithread=True
        )
        # From here on it bounds the silence of a broker whose heart-beats must come.
        opened.settimeout(SILENCE_SECONDS)
        self.socket, self._wire = opened, opened.sock

    def hang_up(self) -> None:
        """Wake the thread that reads: closing alone would leave it waiting."""
        if self._wire is not None:
            with contextlib.suppress(OSError):
                self._wire.shutdown(socket.SHUT_RDWR)

    def let_go(self) -> None:
        """Close the socket itself: where the broker closed first, the library leaves it to be collected some time."""
        self.disconnect_socket()
        if self._wire is not None:
            self._wire.close()


class _Connection(StompConnection12):  # type: ignore[misc] # untyped
    """What stomp.py's ``WSStompConnection`` is, on the transport above.

    Heart-beats are given here, since given to ``connect`` alone they are announced but never sent. The receiving
    side is watched by the socket's time-out; stomp.py's own watch leaves a reading thread behind.
    """

    def __init__(self, transport: _Transport) -> None:
        milliseconds = HEARTBEAT_SECONDS * 1000
        BaseConnection.__init__(self, transport)
        Protocol12.__init__(self, transport, (milliseconds, milliseconds), heart_beat_receive_scale=3)


class StompLink(stomp.ConnectionListener):  # type: ignore[misc] # untyped
    """A subscription on a STOMP connection."""

    def __init__(self, endpoint: Endpoint, listener: Listener) -> None:
        self._endpoint = endpoint
        self._listener = listener
        self._transport = _Transport(endpoint)
        self._connection = _Connection(self._transport)
        self._connection.set_listener("agent", self)
        self._subscribed = threading.Event()
        self._ended = threading.Event()
        self._standing = Standing(listener)
        self._error = ""

    def start(self) -> None:
        """Connect, log in, subscribe."""
        asked = f"STOMP broker {self._endpoint.address.url}"
        try:
            self._connection.connect(self._endpoint.login, self._endpoint.password, wait=True)
        except (OSError, websocket.WebSocketException, stomp.exception.StompException) as error:
            if self._transport.io_thread is not None:
                # stomp.py wakes whoever waits before it passes on what the broker said.
                self._subscribed.wait(CLOSING_SECONDS)
            if self._error:
                raise Refused(f"{asked}: login {self._endpoint.login} refused: {self._error}") from error
            raise Unreachable(f"{asked}: {reason_of(error)}") from error
        headers = {"receipt": "subscribed"}
        with contextlib.suppress(stomp.exception.StompException, OSError, websocket.WebSocketException):
            self._connection.subscribe(self._endpoint.destination, id="waldur-1", ack="auto", headers=headers)
            self._subscribed.wait(CONNECT_SECONDS)
        stands = self._standing.begin(lambda: self._subscribed.is_set() and not self._ended.is_set())
        if self._ended.is_set() or self._error:
            # RabbitMQ closes a WebSocket without the error frame that it sends over plain TCP.
            reason = self._error or "it closed the connection; the queue is not there, or not as it is asked for"
            text = f"{asked}: subscription to {self._endpoint.destination} refused: {reason}"
            raise Refused(text, logged_in=True)
        if not stands:
            raise Unreachable(f"{asked}: no answer to the subscription to {self._endpoint.destination}")

    def close(self) -> None:
        """Say goodbye and end the threads."""
        stood = self._standing.end()
        thread = self._transport.io_thread
        if stood and not self._ended.is_set():
            with contextlib.suppress(stomp.exception.StompException, OSError, websocket.WebSocketException):
                self._connection.disconnect()
                self._ended.wait(CLOSING_SECONDS)
        self._transport.running = False
        self._transport.hang_up()
        if thread is not None:
            thread.join(CLOSING_SECONDS)
        self._transport.let_go()

    # ------------------------------------------------------------ called by stomp.py, in its thread

    def on_message(self, frame: Any) -> None:
        """Pass a message on."""
        body = frame.body
        self._listener.heard(body if isinstance(body, bytes) else str(body).encode())

    def on_receipt(self, frame: Any) -> None:
        """Learn that the broker took the subscription."""
        if frame.headers.get("receipt-id") == "subscribed":
            self._subscribed.set()

    def on_error(self, frame: Any) -> None:
        """Learn why the broker is about to close."""
        body = frame.body.decode(errors="replace") if isinstance(frame.body, bytes) else str(frame.body)
        self._error = " ".join(f"{frame.headers.get('message', '')}: {body}".split())[:300]
        self._subscribed.set()

    def on_disconnected(self) -> None:
        """Tell it once, and only of a connection that was open."""
        self._ended.set()
        self._subscribed.set()
        self._standing.lose(self._error or "the connection ended, or was silent for too long")
