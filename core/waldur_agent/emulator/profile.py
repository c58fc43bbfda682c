"""Which Waldur is emulated: what a server of that time has, and what its roles allow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal

ALL_PERMISSIONS: Final = frozenset(
    {
        "ORDER.APPROVE",
        "ORDER.REJECT",
        "RESOURCE.SET_USAGE",
        "RESOURCE.SET_BACKEND_ID",
        "RESOURCE.SET_BACKEND_METADATA",
        "RESOURCE.SUBMIT_REPORT",
        "OFFERING.UPDATE_COMPONENTS",
        "OFFERING.CREATE_USER",
        "OFFERING.UPDATE_USER",
        "OFFERING.DELETE_USER",
        "OFFERINGUSER.UPDATE_RESTRICTION",
        "SERVICE_PROVIDER.LIST_PROJECT_PERMISSIONS",
    }
)

# Seen on a real server: an OFFERING.MANAGER may report about resources and describe components, but gets 403 on
# approving an order and on naming an offering user. Newer sources ask for the order permissions at the provider
# organisation as well.
_MANAGER: Final = frozenset(
    {
        "RESOURCE.SET_USAGE",
        "RESOURCE.SET_BACKEND_ID",
        "RESOURCE.SET_BACKEND_METADATA",
        "RESOURCE.SUBMIT_REPORT",
        "OFFERING.UPDATE_COMPONENTS",
    }
)


EventQueues = Literal["none", "bare", "per_type", "per_agent"]
"""How a server hands out events.

``none``: not at all. ``bare``: for each subscription an MQTT topic and a queue without arguments that anybody may
declare. ``per_type``: a queue for each type, once ``create_queue`` was asked for it. ``per_agent``: one queue for an
agent, after ``register_queue``, besides ``per_type``. What a server has not is 404.
"""


ResourceSlugs = Literal["all", "own", "none"]
"""Which slugs a resource tells: also its project's and its customer's, only its own, or none."""

Fields = Mapping[str, Callable[[Any, Any], Any]]
"""Names to how their values are worked out from a record and the view of it."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A server of one time.

    Attributes:
        name: As given to ``--profile``.
        version: What ``/api/version/`` says.
        event_queues: Unless a scenario wants it otherwise.
        resource_slugs: Likewise.
        permissions: Role name to what it allows on the provider's side.
        lacks: Endpoints, or blueprints of them, that there are not: HTML 404 for everybody.
        staff_only: Endpoints that are 403 for everybody else.
        lacking_fields: Kind of object to fields of the newest server that are not told.
        own_fields: Kind of object to fields that are told besides, or otherwise.
        unknown_parameters: Endpoint to filters that are ignored.
        whole_objects: Lists that ignore ``field``.
        limit_periods: Which a component may have.
        any_of_uuids: Whether of a repeated UUID filter any value will do; else the last one counts.
        largest_page: Larger ``page_size`` is cut to this.
        slug_length: Slugs are so many characters of the name and a number; 0: the whole name.
        checks_bodies: Whether a body that lacks something is refused, rather than answered with 500.
        tells_approval: Whether approving is answered with a text.
        tells_resource_errors: Whether ``set_as_erred`` keeps the texts.
        gives_up_creations: Whether a resource whose Create failed before it had an id is Terminated, not Erred.
        dated_usage: Whether the ``date`` of reported usage counts; else it is always of now.
        providers_see_consumers_list: Whether providers find their resources among those of consumers.
        hidden_allocations: Whether there is an allocation behind each resource.
    """

    name: str
    version: str
    permissions: Mapping[str, frozenset[str]]
    event_queues: EventQueues = "per_agent"
    resource_slugs: ResourceSlugs = "all"
    lacks: frozenset[str | None] = frozenset()
    staff_only: frozenset[str] = frozenset()
    lacking_fields: Mapping[str, frozenset[str]] = field(default_factory=dict)
    own_fields: Mapping[str, Fields] = field(default_factory=dict)
    unknown_parameters: Mapping[str, frozenset[str]] = field(default_factory=dict)
    whole_objects: frozenset[str | None] = frozenset()
    limit_periods: tuple[str, ...] = ("month", "annual", "total", "quarterly")
    any_of_uuids: bool = True
    largest_page: int = 300
    slug_length: int = 0
    checks_bodies: bool = True
    tells_approval: bool = True
    tells_resource_errors: bool = True
    gives_up_creations: bool = True
    dated_usage: bool = True
    providers_see_consumers_list: bool = True
    hidden_allocations: bool = False


PERMISSIONS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {"CUSTOMER.OWNER": ALL_PERMISSIONS, "CUSTOMER.MANAGER": _MANAGER, "OFFERING.MANAGER": _MANAGER}
)

TODAY: Final = Profile(
    name="today",
    version="8.1.3",
    permissions=PERMISSIONS,
    lacks=frozenset({"slurm_remote"}),
)
