"""Refs and changes as core would hand them to the SLURM plugin, in few words."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

from waldur_agent_hookspecs import (
    AccountRef,
    AddMember,
    Change,
    CreateAccount,
    DeleteAccount,
    LimitChange,
    Member,
    NamePolicy,
    Outcome,
    Party,
    SetLimits,
)

if TYPE_CHECKING:
    from waldur_agent_slurm.backend import SlurmPlugin

REASON = "asked for by a test"


class PluginMaker(Protocol):
    """Makes a plugin with settings of its own."""

    def __call__(self, *, read_only: bool = False, **settings: Any) -> SlurmPlugin: ...


def make_ref(slug: str = "climate-2026", **other: str) -> AccountRef:
    """A resource. UUIDs follow from slugs, so that equal slugs mean the same object, unless they are given."""
    project, customer = other.get("project", "ocean"), other.get("customer", "example-uni")
    return AccountRef(
        resource_uuid=other.get("resource_uuid") or _uuid("resource", slug),
        backend_id=other.get("backend_id", ""),
        slug=slug,
        name=other.get("name", slug.title()),
        project=Party(other.get("project_uuid") or _uuid("project", project), project, f"The {project}"),
        customer=Party(_uuid("customer", customer), customer, f"The {customer}"),
        name_policy=NamePolicy(other.get("name_policy", NamePolicy.RESOURCE_SLUG)),
    )


def _uuid(kind: str, slug: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_DNS, f"{kind}/{slug}").hex


def create(ref: AccountRef) -> Change:
    """Make the account."""
    return CreateAccount(ref=ref, reason=REASON)


def set_limits(ref: AccountRef, **amounts: int) -> Change:
    """Set limits; ``gpu`` stands for ``gres/gpu``."""
    wanted = {"gres/gpu" if name == "gpu" else name: Decimal(amount) for name, amount in amounts.items()}
    return SetLimits(ref=ref, reason=REASON, limits=LimitChange(wanted))


def add_members(ref: AccountRef, *users: str) -> list[Change]:
    """Add members."""
    return [AddMember(ref=ref, reason=REASON, member=Member(user)) for user in users]


def order(ref: AccountRef, *users: str, **amounts: int) -> list[Change]:
    """What a Create order comes to."""
    return [create(ref), *([set_limits(ref, **amounts)] if amounts else []), *add_members(ref, *users)]


def delete(ref: AccountRef) -> Change:
    """Delete the account."""
    return DeleteAccount(ref=ref, reason=REASON)


def ends(outcomes: Iterable[Outcome]) -> list[str]:
    """How changes ended, in words that a failing test shows."""
    return [f"{outcome.status}: {outcome.text}" if outcome.text else str(outcome.status) for outcome in outcomes]
