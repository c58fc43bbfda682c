"""``/api/event-subscriptions/``: which events a user wants. Servers of 2024 have none of it."""

from __future__ import annotations

from typing import Any

import flask
from werkzeug.exceptions import NotFound

from waldur_agent.emulator.agent_records import OBJECT_TYPES, EventSubscription, SubscriptionQueue
from waldur_agent.emulator.call import answer_one, answer_page, body, current_call, nothing, visible
from waldur_agent.emulator.errors import forbidden, invalid
from waldur_agent.emulator.identifiers import as_hex
from waldur_agent.emulator.records import Offering
from waldur_agent.emulator.shapes.agents import EVENT_SUBSCRIPTION, SUBSCRIPTION_QUEUE

event_subscriptions = flask.Blueprint("event_subscriptions", __name__, url_prefix="/api/event-subscriptions")


@event_subscriptions.before_request
def are_known() -> None:
    """Not there at all on a server without events."""
    require_queues("bare", "per_type", "per_agent")


def require_queues(*kinds: str) -> None:
    """404 as for any unknown path, unless this server has one of these kinds of event queues."""
    if current_call().state.event_queues not in kinds:
        raise NotFound


@event_subscriptions.get("/")
def list_subscriptions() -> flask.Response:
    """The caller's own."""
    call = current_call()
    return answer_page(EVENT_SUBSCRIPTION, [s for s in call.state.subscriptions.values() if s.user is call.user])


@event_subscriptions.post("/")
def subscribe() -> flask.Response:
    """Want events about some types of objects."""
    content = body()
    observed = _observed(content.get("observable_objects", []))
    return answer_one(EVENT_SUBSCRIPTION, add_subscription(observed, str(content.get("description", ""))), 201)


def add_subscription(observed: list[dict[str, Any]], description: str) -> EventSubscription:
    """A new subscription of the caller, with a login at the broker."""
    call = current_call()
    now = call.state.now()
    added = EventSubscription(call.state.new_uuid("event subscription"), call.user, observed, now, now, description)
    call.state.subscriptions[added.uuid] = added
    call.state.at_broker.add_login(added.user, added.uuid)
    return added


def _observed(items: Any) -> list[dict[str, Any]]:
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise invalid(observable_objects="Expected a list of items.")
    for item in items:
        object_type(item.get("object_type"), "observable_objects")
    return items


def object_type(value: Any, field: str) -> str:
    """A type of objects that there are events about.

    Raises:
        ApiError: 400.
    """
    if value not in OBJECT_TYPES:
        raise invalid(**{field: f'"{value}" is not a valid choice.'})
    return str(value)


@event_subscriptions.get("/<hex:uuid>/")
def show_subscription(uuid: str) -> flask.Response:
    """One of the caller's own."""
    return answer_one(EVENT_SUBSCRIPTION, _subscription(uuid))


def _subscription(uuid: str) -> EventSubscription:
    call = current_call()
    return visible(call.state.subscriptions, uuid, "EventSubscription", lambda s: s.user is call.user)


@event_subscriptions.delete("/<hex:uuid>/")
def unsubscribe(uuid: str) -> flask.Response:
    """No more events; login and queues go."""
    state, gone = current_call().state, _subscription(uuid)
    del state.subscriptions[gone.uuid]
    queues = [queue for queue in state.subscription_queues.values() if queue.subscription is gone]
    for queue in queues:
        del state.subscription_queues[queue.uuid]
    state.at_broker.drop_login(gone.user, gone.uuid)
    return nothing(204)


@event_subscriptions.post("/<hex:uuid>/create_queue/")
def create_queue(uuid: str) -> flask.Response:
    """Have the queue for one type of one offering's objects declared; once more is harmless."""
    require_queues("per_type", "per_agent")
    call, subscription, content = current_call(), _subscription(uuid), body()
    kind = object_type(content.get("object_type"), "object_type")
    offering = provided_offering(content.get("offering_uuid"), "offering_uuid")
    for known in call.state.subscription_queues.values():
        if (known.subscription, known.offering, known.object_type) == (subscription, offering, kind):
            queue, code = known, 200
            break
    else:
        made = call.state.new_uuid("subscription queue")
        queue, code = SubscriptionQueue(made, subscription, offering, kind, call.state.now()), 201
        call.state.subscription_queues[queue.uuid] = queue
    call.state.at_broker.add_login(call.user, subscription.uuid)
    call.state.at_broker.add_subscription_queue(call.user, queue.name)
    return answer_one(SUBSCRIPTION_QUEUE, queue, code)


def provided_offering(value: Any, field: str) -> Offering:
    """The offering of that UUID, which the caller provides.

    Raises:
        ApiError: 400 where there is none, 403 where the caller has no role on it.
    """
    call = current_call()
    try:
        offering = call.state.offerings[as_hex(str(value))]
    except (ValueError, KeyError):
        raise invalid(**{field: f"Object with uuid={value} does not exist."}) from None
    if not call.access.provides(offering):
        raise forbidden()
    return offering
