"""Events as servers of different times write them.

``bare`` is the server that knew neither agents nor ``create_queue``; ``per_type`` the one after it; ``per_agent`` is
today's, where one queue holds all types and each message says its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from waldur_agent.emulator.records import Offering, Resource
from waldur_agent.emulator.rules.offering_users import STATES
from waldur_agent.emulator.state import State

from .changes import AccountChanged, Change, OrderChanged, ResourceChanged, RoleChanged


@dataclass(frozen=True, slots=True)
class Event:
    """One event of one offering.

    Attributes:
        bare: The message of the oldest server; None where it sent none.
        plain: Of the server with a queue for each type.
        more: What today's server adds to that.
    """

    object_type: str
    offering: Offering
    plain: dict[str, Any]
    bare: dict[str, Any] | None = None
    more: dict[str, Any] | None = None

    @property
    def full(self) -> dict[str, Any]:
        """The message of today's server."""
        names = {"object_type": self.object_type, "offering_uuid": self.offering.uuid}
        return {**self.plain, **names, **(self.more or {})}


def events_of(state: State, change: Change) -> Iterator[Event]:
    """The events of a change; the caller holds the state's lock."""
    match change:
        case OrderChanged():
            yield _order(change)
        case ResourceChanged():
            yield _resource(state, change.resource)
        case RoleChanged():
            yield from _role(state, change)
        case AccountChanged():
            yield from _account(state, change)


def _order(change: OrderChanged) -> Event:
    order, resource = change.order, change.order.resource
    return Event(
        "order",
        resource.offering,
        plain={
            "order_uuid": order.uuid,
            "order_state": order.state,
            "offering_uuid": resource.offering.uuid,
        },
        bare={"order_uuid": order.uuid} if order.state == "pending-provider" else None,
        more={
            "order_type": order.type,
            "resource_uuid": resource.uuid,
            "resource_backend_id": resource.backend_id,
            "resource_name": resource.name,
            "project_uuid": resource.project.uuid,
            "project_name": resource.project.name,
            "attributes": dict(order.attributes),
            "limits": dict(order.limits),
            "plan_uuid": None if order.type == "Terminate" else resource.offering.plan_uuid,
        },
    )


def _resource(state: State, resource: Resource) -> Event:
    flags = {
        "resource_uuid": resource.uuid,
        "resource_backend_id": resource.backend_id,
        "paused": resource.paused,
        "downscaled": resource.downscaled,
        "restrict_member_access": resource.restrict_member_access,
    }
    number = state.next_number(f"events about {resource.uuid}")
    bare = {**flags, "limits": dict(resource.limits)}
    return Event("resource", resource.offering, plain={**flags, "sequence_number": number}, bare=bare)


def _role(state: State, change: RoleChanged) -> Iterator[Event]:
    """One for each offering with a resource of the project; the oldest server told only of resources that are OK."""
    role, project = change.role, change.project
    alive = [resource for resource in state.resources_of(project) if resource.state != "Terminated"]
    for offering in dict.fromkeys(resource.offering for resource in alive):
        plain = {
            "user_uuid": role.user.uuid,
            "user_username": role.user.username,
            "project_uuid": project.uuid,
            "project_name": project.name,
            "role_name": role.name,
            "granted": change.granted,
            "offering_uuid": offering.uuid,
        }
        has_ok = any(resource.offering is offering and resource.state == "OK" for resource in alive)
        person = {"user_email": role.user.email, "user_full_name": role.user.full_name}
        yield Event("user_role", offering, plain={**plain, **person}, bare=plain if has_ok else None)


def _account(state: State, change: AccountChanged) -> Iterator[Event]:
    account = change.account
    common = {
        "offering_user_uuid": account.uuid,
        "user_uuid": account.user.uuid,
        "username": account.username,
    }
    told = {
        **common,
        "state": account.state,
        "runtime_state": account.runtime_state,
        "action": change.action,
        "attributes": {},
        "changed_fields": list(change.fields),
    }
    yield Event("offering_user", account.offering, plain=told)
    if "username" in change.fields:
        # This one variant has the state as a number.
        number = STATES.index(account.state) + 1
        ids = [resource.backend_id for resource in _resources_of(state, change)]
        named = {**common, "state": number, "action": "username_set", "resource_backend_ids": ids}
        yield Event("offering_user", account.offering, plain=named)


def _resources_of(state: State, change: AccountChanged) -> list[Resource]:
    """The resources of the account's offering that its person may use."""
    account = change.account
    projects = {role.scope_uuid for role in state.roles_of(account.user) if role.scope_type == "project"}
    return [
        resource
        for resource in state.resources.values()
        if resource.offering is account.offering
        and resource.project.uuid in projects
        and resource.state in {"OK", "Erred"}
        and resource.backend_id
    ]
