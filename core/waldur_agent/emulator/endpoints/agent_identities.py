"""``/api/marketplace-site-agent-identities/`` and ``-services/``: agents that tell who they are."""

from __future__ import annotations

from typing import Any, Final

import flask

from waldur_agent.emulator.agent_records import AgentIdentity, AgentProcessor, AgentService, ConsumerQueue
from waldur_agent.emulator.call import answer, answer_one, answer_page, body, current_call, visible
from waldur_agent.emulator.errors import detail, invalid
from waldur_agent.emulator.query import Filters
from waldur_agent.emulator.shapes.agents import AGENT_IDENTITY, CONSUMER_QUEUE, EVENT_SUBSCRIPTION, processor, service

from .event_subscriptions import add_subscription, object_type, provided_offering, require_queues

agent_identities = flask.Blueprint("agent_identities", __name__, url_prefix="/api/marketplace-site-agent-identities")
agent_services = flask.Blueprint("agent_services", __name__, url_prefix="/api/marketplace-site-agent-services")

_TOLD: Final = ("version", "dependencies", "config_file_path", "config_file_content", "last_restarted")


@agent_identities.before_request
@agent_services.before_request
def are_known() -> None:
    """Servers whose queues have bare names know no agents."""
    require_queues("per_type", "per_agent")


@agent_identities.get("/")
def list_identities() -> flask.Response:
    """The agents of offerings that the caller provides."""
    call = current_call()
    filters: Filters[AgentIdentity] = call.filters()
    filters.uuid("offering_uuid", lambda i: i.offering.uuid)
    filters.text("name", lambda i: i.name)
    found = filters.select(call.state.identities.values())
    return answer_page(AGENT_IDENTITY, [item for item in found if call.access.provides(item.offering)])


@agent_identities.post("/")
def create_identity() -> flask.Response:
    """A new agent of an offering."""
    call, content = current_call(), body()
    offering = provided_offering(content.get("offering"), "offering")
    name = _required(content, "name")
    if any((known.offering, known.name) == (offering, name) for known in call.state.identities.values()):
        raise invalid(non_field_errors="The fields offering, name must make a unique set.")
    now = call.state.now()
    made = AgentIdentity(
        call.state.new_uuid("agent identity"), offering, name, call.user, now, now, _what_is_told(content)
    )
    call.state.identities[made.uuid] = made
    return answer_one(AGENT_IDENTITY, made, 201)


@agent_identities.get("/<hex:uuid>/")
def show_identity(uuid: str) -> flask.Response:
    """One agent."""
    return answer_one(AGENT_IDENTITY, _identity(uuid))


@agent_identities.put("/<hex:uuid>/")
def update_identity(uuid: str) -> flask.Response:
    """The agent tells anew who it is."""
    identity, content = _identity(uuid), body()
    identity.offering = provided_offering(content.get("offering"), "offering")
    identity.name, identity.modified = _required(content, "name"), current_call().state.now()
    identity.told = _what_is_told(content)
    return answer_one(AGENT_IDENTITY, identity)


def _identity(uuid: str) -> AgentIdentity:
    call = current_call()
    return visible(call.state.identities, uuid, "AgentIdentity", lambda i: call.access.provides(i.offering))


def _required(content: dict[str, Any], name: str) -> str:
    if not content.get(name):
        raise invalid(**{name: "This field is required."})
    return str(content[name])


def _what_is_told(content: dict[str, Any]) -> dict[str, Any]:
    return {name: content[name] for name in _TOLD if name in content}


@agent_identities.post("/<hex:uuid>/register_queue/")
def register_queue(uuid: str) -> flask.Response:
    """The agent's one queue: declared, and its login given the caller's token as password."""
    require_queues("per_agent")
    call, identity, content = current_call(), _identity(uuid), body()
    if identity.queue is not None and identity.queue.owner is not call.user:
        raise detail(409, "The queue of this agent identity belongs to another user.")
    wanted = _object_types(content)
    queue, code = identity.queue, 200
    if queue is None:
        queue, code = ConsumerQueue(call.state.new_uuid("consumer"), call.user, identity.offering, []), 201
        identity.queue = queue
    if wanted is not None:
        # Types once registered stay; no types at all mean every type.
        queue.object_types = sorted({*queue.object_types, *wanted}) if wanted else []
    call.state.at_broker.add_login(queue.owner, queue.uuid)
    call.state.at_broker.add_consumer_queue(queue.owner, queue.name)
    return answer_one(CONSUMER_QUEUE, queue, code)


def _object_types(content: dict[str, Any]) -> list[str] | None:
    if "object_types" not in content:
        return None
    wanted = content["object_types"]
    if not isinstance(wanted, list):
        raise invalid(object_types="Expected a list of items.")
    return [object_type(value, "object_types") for value in wanted]


@agent_identities.post("/<hex:uuid>/register_event_subscription/")
def register_event_subscription(uuid: str) -> flask.Response:
    """The caller's subscription to one type of the agent's offering's objects; deprecated by ``register_queue``."""
    call, identity, content = current_call(), _identity(uuid), body()
    kind = object_type(content.get("observable_object_type"), "observable_object_type")
    observed = [{"object_type": kind, "offering_uuid": identity.offering.uuid}]
    for known in call.state.subscriptions.values():
        if known.user is call.user and known.observable_objects == observed:
            call.state.at_broker.add_login(call.user, known.uuid)
            return answer_one(EVENT_SUBSCRIPTION, known)
    return answer_one(EVENT_SUBSCRIPTION, add_subscription(observed, str(content.get("description", ""))), 201)


@agent_identities.post("/<hex:uuid>/register_service/")
def register_service(uuid: str) -> flask.Response:
    """A mode in which the agent runs; once more is harmless."""
    call, identity, content = current_call(), _identity(uuid), body()
    name, mode, now = _required(content, "name"), content.get("mode"), call.state.now()
    for known in identity.services:
        if (known.name, known.mode) == (name, mode):
            known.modified = now
            return answer(service(known, call.view))
    made = AgentService(call.state.new_uuid("agent service"), identity, name, mode, now, now)
    identity.services.append(made)
    call.state.services[made.uuid] = made
    return answer(service(made, call.view), 201)


@agent_services.post("/<hex:uuid>/register_processor/")
def register_processor(uuid: str) -> flask.Response:
    """A backend that the service works on; once more says that it works."""
    call, of, content = current_call(), _service(uuid), body()
    name, backend, now = _required(content, "name"), _required(content, "backend_type"), call.state.now()
    for known in of.processors:
        if known.name == name:
            known.backend_type, known.backend_version = backend, content.get("backend_version")
            known.modified = now
            return answer(processor(known, call.view))
    made = AgentProcessor(
        call.state.new_uuid("agent processor"), of, name, backend, now, now, content.get("backend_version")
    )
    of.processors.append(made)
    return answer(processor(made, call.view), 201)


@agent_services.post("/<hex:uuid>/set_statistics/")
def set_statistics(uuid: str) -> flask.Response:
    """Numbers about the service."""
    call, of, statistics = current_call(), _service(uuid), body().get("statistics")
    if not isinstance(statistics, dict):
        raise invalid(statistics="This field is required.")
    of.statistics, of.modified = statistics, call.state.now()
    return answer(service(of, call.view))


def _service(uuid: str) -> AgentService:
    call = current_call()
    return visible(call.state.services, uuid, "AgentService", lambda s: call.access.provides(s.identity.offering))
