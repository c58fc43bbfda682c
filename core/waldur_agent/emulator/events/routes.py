"""Where an event goes: queues and topics of subscriptions and agents whose user may see the offering."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from waldur_agent.emulator.access import Access
from waldur_agent.emulator.agent_records import subscription_queue
from waldur_agent.emulator.records import Offering, User
from waldur_agent.emulator.state import State

from .payloads import Event


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one destination: a queue, or a topic where ``exchange`` is given.

    Attributes:
        declared: Whether the server declares the queue before it sends, without any arguments.
    """

    vhost: str
    destination: str
    text: str
    exchange: str = "amq.default"
    declared: bool = False


def deliveries(state: State, event: Event) -> list[Delivery]:
    """The messages that an event is sent as; the caller holds the state's lock."""
    if state.event_queues == "bare":
        found = [] if event.bare is None else list(_bare(state, event, event.bare))
    else:
        found = list(_per_type(state, event))
    return found + list(_per_agent(state, event))


def _sees(state: State, user: User, offering: Offering) -> bool:
    return user.active and Access(state, user).provides(offering)


def _bare(state: State, event: Event, message: dict[str, Any]) -> Iterator[Delivery]:
    """To a queue that the server declares itself, and to an MQTT topic."""
    offering, text = event.offering, json.dumps(message)
    for subscription in state.subscriptions.values():
        if subscription.covers(event.object_type, offering) and _sees(state, subscription.user, offering):
            vhost, queue = subscription.user.uuid, subscription_queue(subscription, offering, event.object_type)
            # A topic's slashes are dots at the broker.
            topic = f"subscription.{subscription.uuid}.offering.{offering.uuid}.{event.object_type}"
            yield Delivery(vhost, queue, text, declared=True)
            yield Delivery(vhost, topic, text, exchange="amq.topic")


def _per_type(state: State, event: Event) -> Iterator[Delivery]:
    for queue in state.subscription_queues.values():
        right = queue.offering is event.offering and queue.object_type == event.object_type
        user = queue.subscription.user
        if (
            right
            and queue.subscription.covers(event.object_type, event.offering)
            and _sees(state, user, event.offering)
        ):
            yield Delivery(user.uuid, queue.name, json.dumps(event.plain))


def _per_agent(state: State, event: Event) -> Iterator[Delivery]:
    for identity in state.identities.values():
        queue = identity.queue
        if queue is None or not queue.takes(event.object_type, event.offering):
            continue
        if _sees(state, queue.owner, event.offering):
            yield Delivery(queue.owner.uuid, queue.name, json.dumps(event.full))
