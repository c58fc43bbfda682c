"""What the emulated Waldur remembers. Amounts and limits are in Waldur's units."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

OFFERING_TYPE = "Marketplace.Slurm"


@dataclass(slots=True, eq=False)
class User:
    """A person, or the agent. ``token`` opens the API; ``active`` False makes every request a 401."""

    uuid: str
    username: str
    full_name: str
    email: str
    token: str
    created: datetime
    is_staff: bool = False
    active: bool = True
    token_expires: datetime | None = None


@dataclass(slots=True, eq=False)
class Customer:
    """An organisation; ``provider_uuid`` is its service provider record, empty for a mere consumer."""

    uuid: str
    name: str
    slug: str
    created: datetime
    provider_uuid: str = ""


@dataclass(slots=True, eq=False)
class Project:
    """A project of a customer."""

    uuid: str
    name: str
    slug: str
    customer: Customer
    created: datetime
    description: str = ""
    end_date: date | None = None


@dataclass(slots=True, eq=False)
class Role:
    """One role of one user in one scope (``customer``, ``project`` or ``offering``)."""

    uuid: str
    name: str
    user: User
    scope_type: str
    scope_uuid: str
    scope_name: str
    created: datetime
    expiration_time: datetime | None = None

    def holds(self, now: datetime) -> bool:
        """Whether the role has not expired. The server drops expired ones; nobody else has to."""
        return self.expiration_time is None or self.expiration_time > now


@dataclass(slots=True, eq=False)
class Component:
    """A component of an offering; ``extra`` holds the fields that only travel through."""

    uuid: str
    type: str
    name: str
    billing_type: str
    measured_unit: str = ""
    unit_factor: int = 1
    limit_period: str | None = None
    limit_amount: Decimal | None = None
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Offering:
    """An offering of a provider. Local accounts are visible only where ``plugin_options`` allow it."""

    uuid: str
    name: str
    slug: str
    customer: Customer
    plan_uuid: str
    created: datetime
    state: str = "Active"
    backend_id: str = ""
    components: dict[str, Component] = field(default_factory=dict)
    plugin_options: dict[str, Any] = field(default_factory=dict)
    creates_offering_users: bool = True


@dataclass(slots=True, eq=False)
class Resource:
    """What a Create order made.

    ``allocation`` is the state of the hidden object behind it, which older servers have (see
    :mod:`.rules.allocations`), with the names of ``associations``; None before there is one.
    """

    uuid: str
    name: str
    slug: str
    offering: Offering
    project: Project
    created: datetime
    modified: datetime
    last_sync: datetime
    state: str = "Creating"
    description: str = ""
    backend_id: str = ""
    backend_metadata: dict[str, Any] = field(default_factory=dict)
    limits: dict[str, Any] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    report: list[dict[str, Any]] | None = None
    paused: bool = False
    downscaled: bool = False
    restrict_member_access: bool = False
    end_date: date | None = None
    error_message: str = ""
    error_traceback: str = ""
    allocation: int | None = None
    associations: list[str] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Order:
    """A request about one resource."""

    uuid: str
    type: str
    state: str
    resource: Resource
    created_by: User
    created: datetime
    modified: datetime
    limits: dict[str, Any] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    consumer_reviewed_by: User | None = None
    consumer_reviewed_at: datetime | None = None
    provider_reviewed_by: User | None = None
    provider_reviewed_at: datetime | None = None
    completed_at: datetime | None = None
    error_message: str = ""
    error_traceback: str = ""
    provider_rejection_comment: str = ""
    backend_id: str = ""


@dataclass(slots=True, eq=False)
class OfferingUser:
    """The local account of one user in one offering; ``username`` is empty until somebody names it."""

    uuid: str
    user: User
    offering: Offering
    created: datetime
    modified: datetime
    username: str = ""
    state: str = "Requested"
    is_restricted: bool = False
    comment: str = ""
    comment_url: str = ""
    runtime_state: str = "Active"


@dataclass(slots=True, eq=False)
class ComponentUsage:
    """What a resource used of a component in a billing period (the first day of a month)."""

    uuid: str
    resource: Resource
    component: Component
    billing_period: date
    usage: Decimal
    date: datetime
    created: datetime
    description: str = ""
    recurring: bool = False


@dataclass(slots=True, eq=False)
class UserUsage:
    """The part of a :class:`ComponentUsage` that one local account used."""

    uuid: str
    component_usage: ComponentUsage
    username: str
    usage: Decimal
    created: datetime
    modified: datetime
    offering_user: OfferingUser | None = None


@dataclass(slots=True, eq=False)
class UserLimit:
    """How much of a component one local account may use in a resource."""

    uuid: str
    resource: Resource
    component: Component
    offering_user: OfferingUser
    limit: Decimal
