"""Users, roles and service providers as JSON."""

from __future__ import annotations

from dataclasses import dataclass

from waldur_agent.emulator.identifiers import slugify, stable_uuid
from waldur_agent.emulator.records import Customer, Project, Role, User

from .shape import Shape, constant, moment

PERMISSION: Shape[Role] = Shape(
    {
        "uuid": lambda r, _: r.uuid,
        "user_uuid": lambda r, _: r.user.uuid,
        "user_name": lambda r, _: r.user.full_name,
        "created": lambda r, _: moment(r.created),
        "expiration_time": lambda r, _: moment(r.expiration_time),
        "role_name": lambda r, _: r.name,
        "role_description": lambda r, _: r.name.replace(".", " ").capitalize(),
        "role_uuid": lambda r, _: stable_uuid("role name", r.name),
        "scope_type": lambda r, _: r.scope_type,
        "scope_uuid": lambda r, _: r.scope_uuid,
        "scope_name": lambda r, _: r.scope_name,
    },
    name="permission",
)


ME: Shape[User] = Shape(
    {
        "url": lambda u, v: v.url("users", u.uuid),
        "uuid": lambda u, _: u.uuid,
        "username": lambda u, _: u.username,
        "slug": lambda u, _: slugify(u.username),
        "full_name": lambda u, _: u.full_name,
        "first_name": lambda u, _: u.full_name.partition(" ")[0],
        "last_name": lambda u, _: u.full_name.partition(" ")[2],
        "email": lambda u, _: u.email,
        # The real server tells a user's own token here: nobody should log this answer.
        "token": lambda u, _: u.token,
        "token_lifetime": constant(None),
        "token_expires_at": lambda u, _: moment(u.token_expires),
        "is_active": lambda u, _: u.active,
        "is_staff": lambda u, _: u.is_staff,
        "is_support": constant(False),  # noqa: FBT003 - the field's value, not a switch
        "date_joined": lambda u, _: moment(u.created),
        "permissions": lambda u, v: [PERMISSION.render(role, v) for role in v.state.roles_of(u)],
    },
    name="me",
)

PROVIDER: Shape[Customer] = Shape(
    {
        "url": lambda c, v: v.url("marketplace-service-providers", c.provider_uuid),
        "uuid": lambda c, _: c.provider_uuid,
        "created": lambda c, _: moment(c.created),
        "description": constant(""),
        "enable_notifications": constant(True),  # noqa: FBT003 - as above
        "customer": lambda c, v: v.url("customers", c.uuid),
        "customer_uuid": lambda c, _: c.uuid,
        "customer_name": lambda c, _: c.name,
        "customer_slug": lambda c, _: c.slug,
        "offering_count": lambda c, v: sum(o.customer is c for o in v.state.offerings.values()),
    },
    name="provider",
)


@dataclass(frozen=True, slots=True)
class ProjectRole:
    """One role of one person in one project that buys from a provider."""

    role: Role
    project: Project


PROJECT_ROLE: Shape[ProjectRole] = Shape(
    {
        "created": lambda p, _: moment(p.role.created),
        "expiration_time": lambda p, _: moment(p.role.expiration_time),
        "created_by": constant(None),
        "created_by_full_name": constant(None),
        "created_by_username": constant(None),
        "project": lambda p, v: v.url("projects", p.project.uuid),
        "project_uuid": lambda p, _: p.project.uuid,
        "project_name": lambda p, _: p.project.name,
        "project_created": lambda p, _: moment(p.project.created),
        "customer_uuid": lambda p, _: p.project.customer.uuid,
        "customer_name": lambda p, _: p.project.customer.name,
        "role": lambda p, _: p.role.name,
        "role_name": lambda p, _: p.role.name,
        "user": lambda p, v: v.url("users", p.role.user.uuid),
        "user_uuid": lambda p, _: p.role.user.uuid,
        "user_username": lambda p, _: p.role.user.username,
        "user_full_name": lambda p, _: p.role.user.full_name,
        "user_native_name": constant(""),
        "user_email": lambda p, _: p.role.user.email,
    }
)
