"""Resources and their teams as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from waldur_agent.emulator.records import OFFERING_TYPE, Offering, Order, Resource, Role
from waldur_agent.emulator.rules.orders import OPEN
from waldur_agent.emulator.rules.usages import current_usages

from .offerings import COMPONENT
from .orders import ORDER
from .shape import ABSENT, CATEGORY_UUID, Shape, View, constant, day, moment


def _slug(value: str, view: View, *told_by: str) -> Any:
    """Older servers do not tell some slugs."""
    return value if view.state.resource_slugs in told_by else ABSENT


def _order(resource: Resource, view: View, wanted: tuple[str, ...], kind: str = "") -> dict[str, Any] | None:
    orders: list[Order] = view.state.orders_of(resource)
    for order in reversed(orders):
        if order.state in wanted and kind in {"", order.type}:
            return ORDER.render(order, view)
    return None


def _creation_order(resource: Resource, view: View) -> dict[str, Any] | None:
    orders = view.state.orders_of(resource)
    return next((ORDER.render(order, view) for order in orders if order.type == "Create"), None)


def _limit_usage(resource: Resource, view: View) -> dict[str, Any]:
    used = current_usages(view.state, resource)
    limited = [kind for kind, item in resource.offering.components.items() if item.billing_type == "limit"]
    return {kind: used.get(kind) for kind in limited}


def _has(offering: Offering, billing: str) -> bool:
    return any(component.billing_type == billing for component in offering.components.values())


RESOURCE: Shape[Resource] = Shape(
    {
        # Not the provider's collection: so does the real server write it.
        "url": lambda r, v: v.url("marketplace-resources", r.uuid),
        "uuid": lambda r, _: r.uuid,
        "name": lambda r, _: r.name,
        "slug": lambda r, v: _slug(r.slug, v, "all", "own"),
        "description": lambda r, _: r.description,
        "state": lambda r, _: r.state,
        "created": lambda r, _: moment(r.created),
        "modified": lambda r, _: moment(r.modified),
        "backend_id": lambda r, _: r.backend_id,
        "effective_id": constant(""),
        "backend_metadata": lambda r, _: r.backend_metadata,
        "attributes": lambda r, _: r.attributes,
        "options": constant(None),
        "limits": lambda r, _: r.limits,
        "limit_usage": _limit_usage,
        "current_usages": lambda r, v: current_usages(v.state, r),
        "is_usage_based": lambda r, _: _has(r.offering, "usage"),
        "is_limit_based": lambda r, _: _has(r.offering, "limit"),
        "offering": lambda r, v: v.url("marketplace-public-offerings", r.offering.uuid),
        "offering_uuid": lambda r, _: r.offering.uuid,
        "offering_name": lambda r, _: r.offering.name,
        "offering_slug": lambda r, _: r.offering.slug,
        "offering_description": constant(""),
        "offering_type": constant(OFFERING_TYPE),
        "offering_state": lambda r, _: r.offering.state,
        "offering_shared": constant(True),  # noqa: FBT003 - the field's value, not a switch
        "offering_billable": constant(True),  # noqa: FBT003 - as above
        "offering_backend_id": lambda r, _: r.offering.backend_id,
        "offering_plugin_options": lambda r, _: r.offering.plugin_options,
        "offering_components": lambda r, v: [COMPONENT.render(item, v) for item in r.offering.components.values()],
        "provider_uuid": lambda r, _: r.offering.customer.uuid,
        "provider_name": lambda r, _: r.offering.customer.name,
        "provider_slug": lambda r, _: r.offering.customer.slug,
        "category_uuid": constant(CATEGORY_UUID),
        "category_title": constant("HPC"),
        "plan": lambda r, v: f"{v.url('marketplace-public-offerings', r.offering.uuid)}plans/{r.offering.plan_uuid}/",
        "plan_uuid": lambda r, _: r.offering.plan_uuid,
        "plan_name": constant("Default"),
        "plan_unit": constant("month"),
        "plan_description": constant(""),
        "project": lambda r, v: v.url("projects", r.project.uuid),
        "project_uuid": lambda r, _: r.project.uuid,
        "project_name": lambda r, _: r.project.name,
        "project_slug": lambda r, v: _slug(r.project.slug, v, "all"),
        "project_description": lambda r, _: r.project.description,
        "project_end_date": lambda r, _: day(r.project.end_date),
        "customer_uuid": lambda r, _: r.project.customer.uuid,
        "customer_name": lambda r, _: r.project.customer.name,
        "customer_slug": lambda r, v: _slug(r.project.customer.slug, v, "all"),
        "resource_uuid": constant(None),
        "resource_type": constant(None),
        "paused": lambda r, _: r.paused,
        "downscaled": lambda r, _: r.downscaled,
        "restrict_member_access": lambda r, _: r.restrict_member_access,
        "usage_limit_restriction": constant(""),
        "last_sync": lambda r, _: moment(r.last_sync),
        "end_date": lambda r, _: day(r.end_date),
        "report": lambda r, _: r.report,
        "endpoints": constant([]),
        "error_message": lambda r, _: r.error_message,
        "error_traceback": lambda r, _: r.error_traceback,
        "available_actions": constant([]),
        "can_terminate": lambda r, _: r.state in {"OK", "Erred"},
        "username": constant(None),
        "order_in_progress": lambda r, v: _order(r, v, OPEN),
        "creation_order": _creation_order,
    },
    name="resource",
)


@dataclass(frozen=True, slots=True)
class TeamMember:
    """One person with a role in the project of a resource of this offering."""

    role: Role
    offering: Offering


def _local_name(member: TeamMember, view: View) -> str | None:
    account = view.state.account(member.offering, member.role.user)
    return account.username if account else None


def _account_state(member: TeamMember, view: View) -> str | None:
    account = view.state.account(member.offering, member.role.user)
    return account.state if account else None


TEAM_MEMBER: Shape[TeamMember] = Shape(
    {
        "url": lambda m, v: v.url("users", m.role.user.uuid),
        "uuid": lambda m, _: m.role.user.uuid,
        "username": lambda m, _: m.role.user.username,
        "full_name": lambda m, _: m.role.user.full_name,
        "email": lambda m, _: m.role.user.email,
        "role": lambda m, _: m.role.name,
        "expiration_time": lambda m, _: moment(m.role.expiration_time),
        "offering_user_username": _local_name,
        "offering_user_state": _account_state,
    },
    name="team member",
)


def team(resource: Resource, view: View) -> list[dict[str, Any]]:
    """Everybody with a role in the resource's project."""
    roles = view.state.team_of(resource.project)
    return [TEAM_MEMBER.render(TeamMember(role, resource.offering), view) for role in roles]
