"""Agents and their event subscriptions as JSON."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from waldur_agent.emulator.agent_records import (
    AgentIdentity,
    AgentProcessor,
    AgentService,
    ConsumerQueue,
    EventSubscription,
    SubscriptionQueue,
)

from .shape import Shape, View, constant, moment

IDLE_AFTER: Final = timedelta(minutes=10)


def _state(service: AgentService, view: View) -> str:
    """Active as long as one of its processors has told of itself lately."""
    newest = max((processor.modified for processor in service.processors), default=service.modified)
    return "Active" if view.state.now() - newest < IDLE_AFTER else "Idle"


EVENT_SUBSCRIPTION: Shape[EventSubscription] = Shape(
    {
        "uuid": lambda s, _: s.uuid,
        "url": lambda s, v: v.url("event-subscriptions", s.uuid),
        "user": lambda s, v: v.url("users", s.user.uuid),
        "user_uuid": lambda s, _: s.user.uuid,
        "user_username": lambda s, _: s.user.username,
        "user_full_name": lambda s, _: s.user.full_name,
        "source_ip": constant(None),
        "description": lambda s, _: s.description,
        "observable_objects": lambda s, _: s.observable_objects,
        "created": lambda s, _: moment(s.created),
        "modified": lambda s, _: moment(s.modified),
    }
)

SUBSCRIPTION_QUEUE: Shape[SubscriptionQueue] = Shape(
    {
        "uuid": lambda q, _: q.uuid,
        "url": lambda q, v: v.url("event-subscription-queues", q.uuid),
        "event_subscription": lambda q, v: v.url("event-subscriptions", q.subscription.uuid),
        "event_subscription_uuid": lambda q, _: q.subscription.uuid,
        "offering_uuid": lambda q, _: q.offering.uuid,
        "object_type": lambda q, _: q.object_type,
        "queue_name": lambda q, _: q.name,
        "vhost": lambda q, _: q.subscription.user.uuid,
        "created": lambda q, _: moment(q.created),
    }
)

CONSUMER_QUEUE: Shape[ConsumerQueue] = Shape(
    {
        "rmq_username": lambda q, _: q.uuid,
        "queue_name": lambda q, _: q.name,
        "vhost": lambda q, _: q.owner.uuid,
        "observable_object_types": lambda q, _: sorted(q.object_types),
    }
)

_SERVICE_PART: Shape[AgentService] = Shape(
    {
        "uuid": lambda s, _: s.uuid,
        "url": lambda s, v: v.url("marketplace-site-agent-services", s.uuid),
        "name": lambda s, _: s.name,
        "mode": lambda s, _: s.mode,
        "state": _state,
        "statistics": lambda s, _: s.statistics,
        "created": lambda s, _: moment(s.created),
        "modified": lambda s, _: moment(s.modified),
    }
)

_PROCESSOR_PART: Shape[AgentProcessor] = Shape(
    {
        "uuid": lambda p, _: p.uuid,
        "url": lambda p, v: v.url("marketplace-site-agent-processors", p.uuid),
        "name": lambda p, _: p.name,
        "backend_type": lambda p, _: p.backend_type,
        "backend_version": lambda p, _: p.backend_version,
        "last_run": lambda p, _: moment(p.modified),
        "created": lambda p, _: moment(p.created),
        "modified": lambda p, _: moment(p.modified),
    }
)


def processor(record: AgentProcessor, view: View) -> dict[str, Any]:
    """A processor by itself."""
    service = record.service
    return {**_PROCESSOR_PART.render(record, view), "service": service.uuid, "service_name": service.name}


def service(record: AgentService, view: View) -> dict[str, Any]:
    """A service by itself."""
    parts = [_PROCESSOR_PART.render(item, view) for item in record.processors]
    identity = {"identity": record.identity.uuid, "identity_name": record.identity.name}
    return {**_SERVICE_PART.render(record, view), **identity, "processors": parts}


AGENT_IDENTITY: Shape[AgentIdentity] = Shape(
    {
        "uuid": lambda i, _: i.uuid,
        "url": lambda i, v: v.url("marketplace-site-agent-identities", i.uuid),
        "offering": lambda i, _: i.offering.uuid,
        "created_by": lambda i, _: i.created_by.uuid,
        "name": lambda i, _: i.name,
        "version": lambda i, _: i.told.get("version"),
        "dependencies": lambda i, _: i.told.get("dependencies", []),
        "config_file_path": lambda i, _: i.told.get("config_file_path"),
        "config_file_content": lambda i, _: i.told.get("config_file_content"),
        "last_restarted": lambda i, _: i.told.get("last_restarted", moment(i.created)),
        "services": lambda i, v: [_SERVICE_PART.render(service, v) for service in i.services],
        "compatibility": constant({"status": "unknown", "message": "No minimum version is set."}),
        "created": lambda i, _: moment(i.created),
        "modified": lambda i, _: moment(i.modified),
    }
)
