"""Event subscriptions and agents' identities: how an agent gets a queue of its own on Waldur's broker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .connection import Connection
from .errors import EndpointMissing, NotFound, Unavailable
from .objects import hex_uuid
from .pages import read_list

IDENTITIES = "marketplace-site-agent-identities"
SERVICES = "marketplace-site-agent-services"
SUBSCRIPTIONS = "event-subscriptions"

MISSING = (EndpointMissing, NotFound)
"""How servers say that they do not have something at all: some answer unknown addresses as unknown objects."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """An event subscription. ``uuid`` is also the broker's login, ``vhost`` the UUID of the Waldur user."""

    uuid: str
    vhost: str


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue for one agent. ``login`` is the broker's."""

    name: str
    login: str
    vhost: str


class Subscriptions:
    """The calls, one method each. All may raise a :class:`~.errors.WaldurError`."""

    def __init__(self, connection: Connection, offering_uuid: str) -> None:
        self._connection = connection
        self._offering_uuid = offering_uuid

    def confirm(self) -> None:
        """Ask for the offering, which every server has."""
        self._connection.get(f"marketplace-provider-offerings/{self._offering_uuid}/", {"field": ["uuid"]})

    # ------------------------------------------------------------ one queue for the agent (servers of today)

    def identity(self, name: str, version: str) -> str:
        """The UUID of this offering's agent, made where there is none."""
        found = read_list(self._connection, f"{IDENTITIES}/", {"offering_uuid": self._offering_uuid, "name": name})
        for item in found:
            if item.get("name", name) == name and (uuid := hex_uuid(item.get("uuid"))):
                return uuid
        body = {"offering": self._offering_uuid, "name": name, "version": version}
        return _uuid(self._connection.post(f"{IDENTITIES}/", body).body, "an agent identity")

    def register_queue(self, identity: str, object_types: Sequence[str]) -> Queue:
        """The agent's queue for these objects; what was registered once stays."""
        path = f"{IDENTITIES}/{identity}/register_queue/"
        body = _mapping(self._connection.post(path, {"object_types": list(object_types)}).body, "a queue")
        queue = Queue(*(str(body.get(key) or "") for key in ("queue_name", "rmq_username", "vhost")))
        if not (queue.name and queue.login and queue.vhost):
            raise Unavailable(f"POST {path}: the answer lacks queue_name, rmq_username or vhost: {sorted(body)}")
        return queue

    def register_service(self, identity: str, name: str, mode: str) -> str:
        """Tell that a mode of the agent is running; gives the service's UUID."""
        path = f"{IDENTITIES}/{identity}/register_service/"
        return _uuid(self._connection.post(path, {"name": name, "mode": mode}).body, "an agent service")

    def register_processor(self, service: str, name: str, backend: str, version: str) -> None:
        """Tell which backend serves it."""
        body = {"name": name, "backend_type": backend, "backend_version": version}
        self._connection.post(f"{SERVICES}/{service}/register_processor/", body)

    # ------------------------------------------------------------ one subscription for each type of object

    def subscribe(self, object_type: str) -> Subscription:
        """Make a subscription to one type of objects."""
        what = {"description": f"waldur-agent, {object_type}", "observable_objects": [{"object_type": object_type}]}
        return _subscription(self._connection.post(f"{SUBSCRIPTIONS}/", what).body)

    def subscription(self, uuid: str) -> Subscription | None:
        """One that was made earlier; None where it is gone."""
        try:
            return _subscription(self._connection.get(f"{SUBSCRIPTIONS}/{uuid}/").body)
        except MISSING:
            return None

    def unsubscribe(self, uuid: str) -> None:
        """Remove one; that it is gone already is fine."""
        try:
            self._connection.delete(f"{SUBSCRIPTIONS}/{uuid}/")
        except MISSING:
            return

    def create_queue(self, uuid: str, object_type: str) -> str | None:
        """The name of the queue that the server made; None on a server where clients make them."""
        body = {"offering_uuid": self._offering_uuid, "object_type": object_type}
        try:
            answer = self._connection.post(f"{SUBSCRIPTIONS}/{uuid}/create_queue/", body).body
        except MISSING:
            return None
        name = answer.get("queue_name") if isinstance(answer, Mapping) else None
        return str(name or f"subscription_{uuid}_offering_{self._offering_uuid}_{object_type}")


def _mapping(body: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(body, Mapping):
        raise Unavailable(f"the answer about {what} is no object but {type(body).__name__}")
    return body


def _uuid(body: Any, what: str) -> str:
    uuid = hex_uuid(_mapping(body, what).get("uuid"))
    if not uuid:
        raise Unavailable(f"the answer about {what} lacks a uuid")
    return uuid


def _subscription(body: Any) -> Subscription:
    answer = _mapping(body, "an event subscription")
    vhost = hex_uuid(answer.get("user_uuid"))
    if not vhost:
        raise Unavailable("the answer about an event subscription lacks user_uuid, the broker's virtual host")
    return Subscription(_uuid(answer, "an event subscription"), vhost)
