"""A node's management API: what the tests set up and look at, by a way of their own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import requests

from .node import ADMIN, Node

ALL = {"configure": ".*", "write": ".*", "read": ".*"}


class Management:
    """Requests as the administrator.

    Raises:
        requests.HTTPError: (from every method) the broker refuses.
    """

    def __init__(self, node: Node) -> None:
        self._root = f"http://127.0.0.1:{node.ports.management}/api"
        self._login = (ADMIN, node.password)

    def request(self, method: str, *path: str, body: Any = None) -> Any:
        """The decoded answer, or None where it has no body. ``path`` are segments, not encoded."""
        url = "/".join([self._root, *(quote(part, safe="") for part in path)])
        answer = requests.request(method, url, auth=self._login, json=body, timeout=30)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    # ------------------------------------------------------------ vhosts and users

    def add_vhost(self, vhost: str) -> None:
        """Make a vhost in which the administrator may do everything."""
        self.request("PUT", "vhosts", vhost, body={})
        self.grant(ADMIN, vhost)

    def add_user(self, user: str, password: str, vhost: str = "") -> None:
        """Make a user, who may do everything in ``vhost`` where it is given; an old one gets the password."""
        self.request("PUT", "users", user, body={"password": password, "tags": ""})
        if vhost:
            self.grant(user, vhost)

    def grant(self, user: str, vhost: str, rights: Mapping[str, str] = ALL) -> None:
        """Set a user's permissions in a vhost."""
        self.request("PUT", "permissions", vhost, user, body=dict(rights))

    def delete_user(self, user: str) -> None:
        """Take a user away."""
        self.request("DELETE", "users", user)

    def vhosts(self) -> list[str]:
        """All vhosts."""
        return [entry["name"] for entry in self.request("GET", "vhosts")]

    def users(self) -> list[str]:
        """All users."""
        return [entry["name"] for entry in self.request("GET", "users")]

    def permissions(self, vhost: str) -> dict[str, dict[str, str]]:
        """User to what is allowed in a vhost."""
        return {
            entry["user"]: {key: entry[key] for key in ALL}
            for entry in self.request("GET", "vhosts", vhost, "permissions")
        }

    # ------------------------------------------------------------ queues and messages

    def declare_queue(self, vhost: str, queue: str, arguments: Mapping[str, Any] | None = None) -> None:
        """Make a durable queue."""
        self.request("PUT", "queues", vhost, queue, body={"durable": True, "arguments": dict(arguments or {})})

    def delete_queue(self, vhost: str, queue: str) -> None:
        """Take a queue away; its consumers are told."""
        self.request("DELETE", "queues", vhost, queue)

    def queues(self, vhost: str) -> dict[str, dict[str, Any]]:
        """Queue name to what the broker tells about it; numbers of messages may be a moment old."""
        return {entry["name"]: entry for entry in self.request("GET", "queues", vhost)}

    def publish(self, vhost: str, routing_key: str, payload: object, exchange: str = "amq.default") -> bool:
        """Send one message; a text goes as it is, everything else as JSON. Gives whether any queue got it.

        With the default exchange the key is a queue's name; an MQTT topic ``a/b`` is ``a.b`` in ``amq.topic``.
        """
        text = payload if isinstance(payload, str) else json.dumps(payload)
        kept = {"delivery_mode": 2}  # over the broker's restart
        message = {"routing_key": routing_key, "payload": text, "payload_encoding": "string", "properties": kept}
        answer = self.request("POST", "exchanges", vhost, exchange, "publish", body=message)
        return bool(answer["routed"])

    def messages(self, vhost: str, queue: str, most: int = 1000) -> list[Any]:
        """Take messages out of a queue: their JSON."""
        asked = {"count": most, "ackmode": "ack_requeue_false", "encoding": "auto"}
        taken = self.request("POST", "queues", vhost, queue, "get", body=asked)
        return [json.loads(message["payload"]) for message in taken]

    # ------------------------------------------------------------ clients

    def connections(self, user: str) -> list[dict[str, Any]]:
        """The connections of a user at this moment."""
        # The list of all connections would be made of statistics, and so be late.
        listed: list[dict[str, Any]] = self.request("GET", "connections", "username", user)
        return listed

    def drop_connections(self, user: str) -> int:
        """End the connections of a user, as a restarted proxy does; gives how many there were."""
        count = len(self.connections(user))
        self.request("DELETE", "connections", "username", user)
        return count

    def consumers(self, vhost: str) -> list[str]:
        """The queue of each consumer; may be a moment old."""
        return [entry["queue"]["name"] for entry in self.request("GET", "consumers", vhost)]

    def clean(self) -> None:
        """Leave the administrator and the vhost ``/``; whoever is connected to another is cut off."""
        for vhost in self.vhosts():
            if vhost != "/":
                self.request("DELETE", "vhosts", vhost)
        for user in self.users():
            if user != ADMIN:
                self.delete_user(user)
