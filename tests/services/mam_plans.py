"""Refs, orders and plans as core would make them for MOAB, in few words."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from waldur_agent.planning import Known, plan_order
from waldur_agent_hookspecs import (
    NO_LIMITS,
    AccountRef,
    Component,
    LimitChange,
    Member,
    NamePolicy,
    Order,
    OrderType,
    Outcome,
    Party,
    PluginContext,
    SetLimits,
)
from waldur_agent_moab.backend import MoabPlugin
from waldur_agent_moab.settings import MoabSettings

PREFIXES = {"project_prefix": "p_", "allocation_prefix": "a_"}


def make_plugin(*, read_only: bool = False, components: Iterable[str] = ("deposit",), **settings: Any) -> MoabPlugin:
    """A plugin as core makes it."""
    served = {name: Component(name, "limit", Decimal(60), "EUR", name.title()) for name in components}
    context = PluginContext("Test", "0" * 32, served, timezone="UTC", read_only=read_only)
    return MoabPlugin(MoabSettings.model_validate({**PREFIXES, **settings}), context)


def make_ref(slug: str = "climate", backend_id: str = "", **other: Any) -> AccountRef:
    """A resource. UUIDs follow from slugs, so that equal slugs mean the same object, unless they are given."""
    project = other.get("project", "ocean")
    return AccountRef(
        resource_uuid=other.get("uuid") or uuid_of(slug),
        backend_id=backend_id,
        slug=slug,
        name=other.get("name", slug.title()),
        project=Party(other.get("project_uuid") or uuid_of(f"project {project}"), project, f"The {project}"),
        customer=Party(uuid_of("customer"), "uni", "University"),
        name_policy=other.get("name_policy", NamePolicy.RESOURCE_SLUG),
        leaving=other.get("leaving", False),
    )


def uuid_of(what: str) -> str:
    """32 hex characters that are always the same for the same thing."""
    return uuid.uuid5(uuid.NAMESPACE_DNS, what).hex


def deposit(ref: AccountRef, wanted: object, previous: object = 0, order: str = "create") -> SetLimits:
    """What an order asks of an account's fund."""
    limits = LimitChange({"deposit": Decimal(str(wanted))}, {"deposit": Decimal(str(previous))}, uuid_of(order))
    return SetLimits(ref=ref, reason="asked for by a test", order=limits.order, limits=limits)


def cycle(
    plugin: MoabPlugin,
    ref: AccountRef,
    kind: OrderType,
    *,
    limits: Mapping[str, Decimal] = NO_LIMITS,
    previous: Mapping[str, Decimal] = NO_LIMITS,
    members: Iterable[str] = (),
) -> list[Outcome]:
    """What a cycle of ``order_process`` does with one approved order: read, plan, apply."""
    order = Order(uuid_of(f"{kind} of {ref.slug}"), kind, ref, limits)
    people = {name: Member(name) for name in members}
    state = plugin.list_accounts([ref])[ref.resource_uuid]
    plan = plan_order(order, state, Known(people, len(people)), previous)
    assert not plan.refusal, plan.refusal
    return list(plugin.apply_changes(plan.changes))
