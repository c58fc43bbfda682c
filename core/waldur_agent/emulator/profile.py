"""Which Waldur is emulated: what a server of that time has, and what its roles allow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

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


@dataclass(frozen=True, slots=True)
class Profile:
    """A server of one time.

    Attributes:
        name: As given to ``--profile``.
        version: What ``/api/version/`` says.
        event_queues: Unless a scenario wants it otherwise.
        permissions: Role name to what it allows on the provider's side.
    """

    name: str
    version: str
    permissions: Mapping[str, frozenset[str]]
    event_queues: EventQueues = "per_agent"


TODAY: Final = Profile(
    name="today",
    version="8.1.3",
    permissions=MappingProxyType(
        {"CUSTOMER.OWNER": ALL_PERMISSIONS, "CUSTOMER.MANAGER": _MANAGER, "OFFERING.MANAGER": _MANAGER}
    ),
)

PROFILES: Final[Mapping[str, Profile]] = MappingProxyType({profile.name: profile for profile in (TODAY,)})
