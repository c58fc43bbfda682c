"""What the emulated Waldur remembers about agents: who they are, and which events they want."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from .records import Offering, User

OBJECT_TYPES: Final = (
    "call",
    "course_account",
    "importable_resources",
    "offering_resources_sync",
    "offering_user",
    "order",
    "proposal",
    "resource",
    "resource_api_key_rotation",
    "resource_end_date_change_request",
    "resource_periodic_limits",
    "service_account",
    "service_provider_account",
    "service_provider_project_group",
    "user_lifecycle",
    "user_profile",
    "user_role",
    "user_ssh_key",
)
"""What events can be about."""


@dataclass(slots=True, eq=False)
class EventSubscription:
    """A user wants events. ``observable_objects`` as in the API; at the broker the UUID is a login."""

    uuid: str
    user: User
    observable_objects: list[dict[str, Any]]
    created: datetime
    modified: datetime
    description: str = ""

    def covers(self, object_type: str, offering: Offering) -> bool:
        """Whether it is about such objects of that offering."""
        return any(
            item["object_type"] == object_type and item.get("offering_uuid", offering.uuid) == offering.uuid
            for item in self.observable_objects
        )


@dataclass(slots=True, eq=False)
class SubscriptionQueue:
    """The queue of one subscription for one type of one offering's objects."""

    uuid: str
    subscription: EventSubscription
    offering: Offering
    object_type: str
    created: datetime

    @property
    def name(self) -> str:
        """Its name at the broker."""
        return subscription_queue(self.subscription, self.offering, self.object_type)


def subscription_queue(subscription: EventSubscription, offering: Offering, object_type: str) -> str:
    """What a queue of a subscription is called, whoever makes it."""
    return f"subscription_{subscription.uuid}_offering_{offering.uuid}_{object_type}"


@dataclass(slots=True, eq=False)
class ConsumerQueue:
    """The one queue of an agent; at the broker the UUID is a login. No types mean all."""

    uuid: str
    owner: User
    offering: Offering
    object_types: list[str]

    @property
    def name(self) -> str:
        """Its name at the broker."""
        return f"consumer_{self.uuid}"

    def takes(self, object_type: str, offering: Offering) -> bool:
        """Whether events about such objects of that offering go there."""
        return offering is self.offering and (not self.object_types or object_type in self.object_types)


@dataclass(slots=True, eq=False)
class AgentProcessor:
    """A backend that a service of an agent works on."""

    uuid: str
    service: AgentService
    name: str
    backend_type: str
    created: datetime
    modified: datetime
    backend_version: str | None = None


@dataclass(slots=True, eq=False)
class AgentService:
    """A mode in which an agent runs."""

    uuid: str
    identity: AgentIdentity
    name: str
    mode: str | None
    created: datetime
    modified: datetime
    statistics: dict[str, Any] = field(default_factory=dict)
    processors: list[AgentProcessor] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class AgentIdentity:
    """An agent of an offering. ``told`` is what it says about itself."""

    uuid: str
    offering: Offering
    name: str
    created_by: User
    created: datetime
    modified: datetime
    told: dict[str, Any] = field(default_factory=dict)
    services: list[AgentService] = field(default_factory=list)
    queue: ConsumerQueue | None = None
