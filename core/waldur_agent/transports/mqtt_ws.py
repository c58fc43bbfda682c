"""MQTT 3.1.1 in a WebSocket."""

from __future__ import annotations

import contextlib
import threading
from typing import Any
from uuid import uuid4

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from .certificates import tls_context
from .links import CONNECT_SECONDS, HEARTBEAT_SECONDS, Endpoint, Listener, Refused, Standing, Unreachable, reason_of


class MqttLink:
    """A subscription on an MQTT connection."""

    def __init__(self, endpoint: Endpoint, listener: Listener) -> None:
        self._endpoint = endpoint
        self._listener = listener
        self._answered = threading.Event()
        self._standing = Standing(listener)
        self._error = ""
        self._refusal = ""
        self._logged_in = False
        self._client: mqtt.Client | None = self._made()

    def _made(self) -> mqtt.Client:
        address = self._endpoint.address
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"waldur-agent-{uuid4().hex}",
            clean_session=True,
            protocol=mqtt.MQTTv311,
            transport="websockets",
            reconnect_on_failure=False,
        )
        client.connect_timeout = CONNECT_SECONDS
        client.username_pw_set(f"{self._endpoint.vhost}:{self._endpoint.login}", self._endpoint.password)
        client.ws_set_options(address.path, headers=lambda headers: {**headers, "Host": address.netloc})
        if address.tls:
            client.tls_set_context(tls_context(verify=self._endpoint.verify))
            # Without it, paho checks the name by itself where the context does not.
            client.tls_insecure_set(not self._endpoint.verify)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        client.on_disconnect = self._on_disconnect
        return client

    def start(self) -> None:
        """Connect, log in, subscribe."""
        address = self._endpoint.address
        asked = f"MQTT broker {address.url}"
        client = self._client
        assert client is not None  # noqa: S101 - only close() takes it away
        try:
            client.connect(address.host, address.port, keepalive=HEARTBEAT_SECONDS)
        except (OSError, ValueError) as error:
            raise Unreachable(f"{asked}: {reason_of(error)}") from error
        client.loop_start()
        self._answered.wait(CONNECT_SECONDS)
        if self._refusal:
            raise Refused(f"{asked}: {self._refusal}", logged_in=self._logged_in)
        if not self._standing.begin(lambda: self._answered.is_set() and not self._error):
            raise Unreachable(f"{asked}: {self._error or 'no answer to the login'}")

    def close(self) -> None:
        """Say goodbye and end the thread."""
        self._standing.end()
        client, self._client = self._client, None
        if client is None:
            return
        with contextlib.suppress(OSError, ValueError):
            client.disconnect()
        client.loop_stop()
        # It is part of no circle then, and so its sockets are closed now and not some time later.
        client.on_connect = client.on_subscribe = client.on_message = client.on_disconnect = None

    # ------------------------------------------------------------ called by paho, in its thread

    def _on_connect(self, client: mqtt.Client, _data: Any, _flags: Any, code: ReasonCode, _properties: Any) -> None:
        if code.is_failure:
            self._refusal = f"login {self._endpoint.login} refused: {code}"
            self._answered.set()
        else:
            self._logged_in = True
            client.subscribe(self._endpoint.destination, qos=0)

    def _on_subscribe(
        self, _client: mqtt.Client, _data: Any, _mid: int, codes: list[ReasonCode], _properties: Any
    ) -> None:
        if any(code.is_failure for code in codes):
            self._refusal = f"subscription to {self._endpoint.destination} refused: {codes[0]}"
        self._answered.set()

    def _on_message(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        self._listener.heard(bytes(message.payload))

    def _on_disconnect(
        self, _client: mqtt.Client, _data: Any, _flags: Any, code: ReasonCode, _properties: Any
    ) -> None:
        """Tell it once, and only of a connection that was open."""
        self._error = f"the connection ended ({code})"
        if not self._logged_in and not self._refusal:
            # RabbitMQ answers a wrong login by closing.
            self._refusal = f"login {self._endpoint.login} not answered: {self._error}"
        self._answered.set()
        self._standing.lose(self._error)
