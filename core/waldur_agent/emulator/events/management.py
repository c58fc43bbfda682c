"""The broker's management API: all that is done there goes through it."""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, unquote, urlsplit

EVERYTHING: Final = {"configure": ".*", "write": ".*", "read": ".*"}
_SECONDS: Final = 10


class BrokerError(Exception):
    """The broker cannot be reached or refuses; the text says what was asked of whom."""


class Management:
    """One connection as an administrator; for one thread.

    Args:
        url: ``http://USER:PASSWORD@HOST:PORT``; by default guest, guest and 15672.

    Raises:
        ValueError: that is no such URL.
        BrokerError: (from the methods) see there.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("a broker is given as http://USER:PASSWORD@HOST:PORT of RabbitMQ's management API")
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(parts.hostname, parts.port or 15672, timeout=_SECONDS)
        self.user = unquote(parts.username or "guest")
        login = f"{self.user}:{unquote(parts.password or 'guest')}"
        self._headers = {
            "Authorization": f"Basic {base64.b64encode(login.encode()).decode()}",
            "Content-Type": "application/json",
        }

    def check(self) -> None:
        """See whether the broker is there and lets us in."""
        self._request("GET", "whoami")

    def add_vhost(self, vhost: str) -> None:
        """Make a vhost, unless it is there, and let the administrator in."""
        self._request("PUT", "vhosts", vhost, body={})
        self.grant(self.user, vhost)

    def add_user(self, login: str, password: str, vhost: str) -> None:
        """Make a user who may do everything in a vhost; one who is there gets the password."""
        self._request("PUT", "users", login, body={"password": password, "tags": ""})
        self.grant(login, vhost)

    def grant(self, login: str, vhost: str) -> None:
        """Let a user do everything in a vhost."""
        self._request("PUT", "permissions", vhost, login, body=EVERYTHING)

    def delete_user(self, login: str) -> None:
        """Take a user away, if there is one."""
        self._request("DELETE", "users", login, missing_is_fine=True)

    def add_queue(self, vhost: str, queue: str, arguments: Mapping[str, Any]) -> None:
        """Declare a durable queue; the same once more is harmless."""
        self._request("PUT", "queues", vhost, queue, body={"durable": True, "arguments": dict(arguments)})

    def delete_queues(self, vhost: str, prefix: str) -> None:
        """Take away the queues whose names begin so."""
        for queue in self._request("GET", "queues", vhost, missing_is_fine=True) or ():
            if queue["name"].startswith(prefix):
                self._request("DELETE", "queues", vhost, queue["name"], missing_is_fine=True)

    def set_policy(self, vhost: str, name: str, pattern: str, definition: Mapping[str, Any]) -> None:
        """Rule over the queues whose names match."""
        body = {"pattern": pattern, "apply-to": "queues", "definition": dict(definition)}
        self._request("PUT", "policies", vhost, name, body=body)

    def publish(self, vhost: str, exchange: str, routing_key: str, text: str) -> bool:
        """Send one message that outlives the broker's restart; gives whether any queue took it."""
        message = {
            "routing_key": routing_key,
            "payload": text,
            "payload_encoding": "string",
            "properties": {"delivery_mode": 2, "content_type": "application/json"},
        }
        answer = self._request("POST", "exchanges", vhost, exchange, "publish", body=message)
        return bool(answer["routed"])

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _request(self, method: str, *path: str, body: Any = None, missing_is_fine: bool = False) -> Any:
        target = "/".join(["/api", *(quote(part, safe="") for part in path)])
        content = None if body is None else json.dumps(body)
        try:
            answer, text = self._exchange(method, target, content)
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise self._error(method, target, str(error) or type(error).__name__) from error
        if answer.status == 404 and missing_is_fine:
            return None
        if answer.status >= 400:
            raise self._error(method, target, f"{answer.status} {text.decode(errors='replace')}")
        return json.loads(text) if text else None

    def _error(self, method: str, target: str, what: str) -> BrokerError:
        return BrokerError(f"{method} {target} at {self._connection.host}:{self._connection.port}: {what}")

    def _exchange(self, method: str, target: str, content: str | None) -> tuple[http.client.HTTPResponse, bytes]:
        """Ask; once more where the broker has closed an idle connection: at worst a message comes twice."""
        for attempt in (1, 2):
            try:
                self._connection.request(method, target, content, self._headers)
                answer = self._connection.getresponse()
                return answer, answer.read()
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                self._connection.close()
                if attempt == 2:
                    raise
        raise AssertionError("unreachable")
