"""What is different since the last look: seen by comparing, so that nobody who changes something need tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from waldur_agent.emulator.records import OfferingUser, Order, Project, Resource, Role
from waldur_agent.emulator.state import State


@dataclass(frozen=True, slots=True)
class OrderChanged:
    """An order is new or in another state."""

    order: Order


@dataclass(frozen=True, slots=True)
class RoleChanged:
    """A role in a project was granted or has ended."""

    role: Role
    project: Project
    granted: bool


@dataclass(frozen=True, slots=True)
class ResourceChanged:
    """A resource has other flags, or has moved to another project."""

    resource: Resource


@dataclass(frozen=True, slots=True)
class AccountChanged:
    """A local account: ``action`` is create, update or delete, ``fields`` what an update changed."""

    account: OfferingUser
    action: str
    fields: tuple[str, ...] = ()


Change = OrderChanged | RoleChanged | ResourceChanged | AccountChanged

_ACCOUNT_FIELDS = ("username", "state", "runtime_state", "is_restricted")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What events are about, as it was at one moment."""

    orders: Mapping[str, str] = field(default_factory=dict)
    resources: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    accounts: Mapping[str, tuple[OfferingUser, tuple[Any, ...]]] = field(default_factory=dict)


def look(state: State) -> Snapshot:
    """Take a snapshot; the caller holds the state's lock."""
    return Snapshot(
        orders={order.uuid: order.state for order in state.orders.values()},
        resources={
            r.uuid: (r.paused, r.downscaled, r.restrict_member_access, r.project.uuid)
            for r in state.resources.values()
        },
        roles={role.uuid: role for project in state.projects.values() for role in state.team_of(project)},
        accounts={
            a.uuid: (a, (a.username, a.state, a.runtime_state, a.is_restricted))
            for a in state.offering_users.values()
        },
    )


def differences(state: State, before: Snapshot, after: Snapshot) -> Iterator[Change]:
    """What happened between two looks; accounts first, as a role's event is of use to those who have one."""
    yield from _accounts(before, after)
    for uuid, new in after.orders.items():
        if before.orders.get(uuid) != new:
            yield OrderChanged(state.orders[uuid])
    for uuid, flags in after.resources.items():
        if before.resources.get(uuid, flags) != flags:
            yield ResourceChanged(state.resources[uuid])
    yield from _roles(state, before, after)


def _roles(state: State, before: Snapshot, after: Snapshot) -> Iterator[Change]:
    for granted, roles, others in ((False, before.roles, after.roles), (True, after.roles, before.roles)):
        for uuid, role in roles.items():
            if uuid not in others:
                yield RoleChanged(role, state.projects[role.scope_uuid], granted)


def _accounts(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    for uuid, (account, values) in after.accounts.items():
        if uuid not in before.accounts:
            yield AccountChanged(account, "create")
        elif values != (old := before.accounts[uuid][1]):
            changed = [name for name, was, is_now in zip(_ACCOUNT_FIELDS, old, values, strict=True) if was != is_now]
            yield AccountChanged(account, "update", tuple(changed))
    for uuid, (account, _) in before.accounts.items():
        if uuid not in after.accounts:
            yield AccountChanged(account, "delete")
