"""How an offering gets its events: what is asked of Waldur for each generation of servers.

Which generation a server is of is found out by asking, in this order: one queue for the agent; a subscription and a
queue that the server makes for each type of objects; a subscription and a queue that comes by being listened to.
Servers that spoke MQTT have a subscription and a topic for each type.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from waldur_agent import __version__
from waldur_agent.config import Offering
from waldur_agent.modes.served import api_connection
from waldur_agent.transports import Endpoint
from waldur_agent.waldur import MISSING, Refused, Subscriptions, WaldurError, WrongState

from .addresses import broker_address
from .messages import MEMBER_TYPES, ORDER_TYPES, SYNC_TYPE
from .remembered import Remembered

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Desk:
    """Where an offering's subscriptions are made: its Waldur, and what is remembered of earlier ones.

    Attributes:
        types: The types of objects that are wanted.
        verify: Whether certificates are checked.
    """

    offering: Offering
    types: Sequence[str]
    remembered: Remembered
    verify: bool

    @property
    def agent_name(self) -> str:
        """What the agent of this offering is called in Waldur."""
        return f"agent-{self.offering.uuid}"

    @contextmanager
    def subscriptions(self) -> Iterator[Subscriptions]:
        """A connection for a few calls."""
        connection = api_connection(self.offering, "event_process", verify_ssl=self.verify)
        try:
            yield Subscriptions(connection, self.offering.uuid)
        finally:
            connection.close()

    def endpoint(self, vhost: str, login: str, destination: str) -> Endpoint:
        """What a connection needs to know."""
        return Endpoint(
            "mqtt" if self.offering.event_transport == "mqtt" else "stomp",
            broker_address(self.offering),
            vhost,
            login,
            self.offering.token.get_secret_value(),
            destination,
            self.verify and self.offering.verify_ssl,
        )

    def confirm(self) -> None:
        """Make sure that it is Waldur itself that answers, and no proxy, which has 404 for everything without it.

        Raises:
            WaldurError: it is not.
        """
        with self.subscriptions() as subscriptions:
            subscriptions.confirm()

    def kept(self, purpose: str) -> str:
        """The UUID of the subscription remembered for something, or an empty string."""
        return self.remembered.of(self.offering.api_url, self.offering.uuid).get(purpose, "")

    def keep(self, purpose: str, uuid: str) -> None:
        """Remember one."""
        self.remembered.put(self.offering.api_url, self.offering.uuid, purpose, uuid)

    def discard(self, subscriptions: Subscriptions, purpose: str) -> None:
        """Remove a remembered subscription. One that cannot be removed now stays remembered for the next start."""
        uuid = self.kept(purpose)
        if not uuid:
            return
        try:
            subscriptions.unsubscribe(uuid)
        except WaldurError as error:
            log.warning("%s: event subscription %s stays behind: %s", self.offering.name, uuid, error)
            if not purpose.endswith(uuid):
                # By a name of its own, as its purpose is its successor's: the next start removes what is not wanted.
                self.keep(f"{purpose} {uuid}", uuid)
            return
        self.remembered.drop(self.offering.api_url, self.offering.uuid, purpose)


class Channel(Protocol):
    """One connection's worth of events.

    Attributes:
        source_type: The type of objects that it is for; empty where messages tell it themselves.
    """

    source_type: str

    def endpoint(self, *, anew: bool) -> tuple[Endpoint, bool]:
        """Where to connect to, and whether the login was made or renewed just now.

        Args:
            anew: Whether what is there does not work, so that it has to be made again.

        Raises:
            WaldurError: it could not be had.
        """

    def drop(self) -> None:
        """Take back what must not outlive the process."""


class AgentQueue:
    """Today: one queue for all that concerns this agent."""

    source_type = ""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def endpoint(self, *, anew: bool) -> tuple[Endpoint, bool]:
        """Registering again is harmless, and tells the broker the token of today."""
        del anew
        desk = self._desk
        with desk.subscriptions() as subscriptions:
            identity = subscriptions.identity(desk.agent_name, __version__)
            try:
                queue = subscriptions.register_queue(identity, desk.types)
            except WrongState as error:
                advice = "the agent's queue belongs to another Waldur user; use that user's token"
                raise WrongState(f"{error}; {advice}") from error
            except Refused as error:
                basic = [kind for kind in desk.types if kind in {"order", "user_role", "resource"}]
                if basic == list(desk.types):
                    raise
                log.debug("Registering fewer types of objects: %s", error)
                queue = subscriptions.register_queue(identity, basic)
        return desk.endpoint(queue.vhost, queue.login, f"/amq/queue/{queue.name}"), True

    def drop(self) -> None:
        """The queue goes on collecting."""


class TypeQueue:
    """Servers of 2025 and early 2026: a subscription for each type, kept over restarts."""

    def __init__(self, desk: Desk, source_type: str) -> None:
        self._desk = desk
        self.source_type = source_type

    @property
    def _purpose(self) -> str:
        return f"stomp {self.source_type}"

    def endpoint(self, *, anew: bool) -> tuple[Endpoint, bool]:
        """Take the subscription up again, or make one where it is gone."""
        desk = self._desk
        with desk.subscriptions() as subscriptions:
            if anew:
                desk.discard(subscriptions, self._purpose)
            kept = desk.kept(self._purpose)
            found = subscriptions.subscription(kept) if kept and not anew else None
            subscription = found or subscriptions.subscribe(self.source_type)
            if found is None:
                desk.keep(self._purpose, subscription.uuid)
            name = subscriptions.create_queue(subscription.uuid, self.source_type)
        # A queue that the server made must not be declared by its listener; one of older servers must.
        bare = f"subscription_{subscription.uuid}_offering_{desk.offering.uuid}_{self.source_type}"
        destination = f"/amq/queue/{name}" if name else bare
        return desk.endpoint(subscription.vhost, subscription.uuid, destination), found is None

    def drop(self) -> None:
        """It stays, so that its queue collects what happens until the next start."""


class TypeTopic:
    """MQTT: a subscription for each type, for as long as the process lives."""

    def __init__(self, desk: Desk, source_type: str) -> None:
        self._desk = desk
        self.source_type = source_type

    @property
    def _purpose(self) -> str:
        return f"mqtt {self.source_type}"

    def endpoint(self, *, anew: bool) -> tuple[Endpoint, bool]:
        """Make one. What a process that was killed has left behind goes first."""
        del anew
        desk = self._desk
        with desk.subscriptions() as subscriptions:
            desk.discard(subscriptions, self._purpose)
            subscription = subscriptions.subscribe(self.source_type)
            desk.keep(self._purpose, subscription.uuid)
        topic = f"subscription/{subscription.uuid}/offering/{desk.offering.uuid}/{self.source_type}"
        return desk.endpoint(subscription.vhost, subscription.uuid, topic), True

    def drop(self) -> None:
        """Messages to nobody would pile up on the server otherwise."""
        with self._desk.subscriptions() as subscriptions:
            self._desk.discard(subscriptions, self._purpose)


def wanted_types(*, orders: bool, members: bool) -> list[str]:
    """The types of objects that concern what is done for an offering."""
    both = (SYNC_TYPE,) if orders and members else ()
    return [*(ORDER_TYPES if orders else ()), *(MEMBER_TYPES if members else ()), *both]


def open_channels(desk: Desk) -> list[Channel]:
    """The channels that this offering's server has.

    Raises:
        WaldurError: that could not be found out.
    """
    if desk.offering.event_transport == "mqtt":
        make: Callable[[str], Channel] = partial(TypeTopic, desk)
    else:
        queue = AgentQueue(desk)
        try:
            queue.endpoint(anew=False)
        except MISSING as error:
            desk.confirm()
            log.debug("%s: no queue for the agent here (%s); subscribing type by type", desk.offering.name, error)
        else:
            _tidy(desk, [])
            return [queue]
        make = partial(TypeQueue, desk)
    channels = [make(kind) for kind in desk.types if kind != SYNC_TYPE]
    _tidy(desk, [f"{desk.offering.event_transport} {channel.source_type}" for channel in channels])
    return channels


def _tidy(desk: Desk, wanted: Sequence[str]) -> None:
    """Remove subscriptions that nobody listens to any more, since the configuration or the server changed."""
    kept = desk.remembered.of(desk.offering.api_url, desk.offering.uuid)
    unwanted = [purpose for purpose in kept if purpose not in wanted]
    if unwanted:
        with desk.subscriptions() as subscriptions:
            for purpose in unwanted:
                desk.discard(subscriptions, purpose)
