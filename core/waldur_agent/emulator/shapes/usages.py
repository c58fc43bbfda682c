"""Reported usage and usage limits as JSON. Amounts are strings with two decimals, as the real server writes them."""

from __future__ import annotations

from waldur_agent.emulator.records import ComponentUsage, UserLimit, UserUsage

from .shape import Shape, constant, day, moment

COMPONENT_USAGE: Shape[ComponentUsage] = Shape(
    {
        "uuid": lambda u, _: u.uuid,
        "created": lambda u, _: moment(u.created),
        "description": lambda u, _: u.description,
        "type": lambda u, _: u.component.type,
        "name": lambda u, _: u.component.name,
        "measured_unit": lambda u, _: u.component.measured_unit,
        "usage": lambda u, _: str(u.usage),
        "date": lambda u, _: moment(u.date),
        "billing_period": lambda u, _: day(u.billing_period),
        "recurring": lambda u, _: u.recurring,
        "missing_usage_policy": constant("none"),
        "resource_name": lambda u, _: u.resource.name,
        "resource_uuid": lambda u, _: u.resource.uuid,
        "offering_name": lambda u, _: u.resource.offering.name,
        "offering_uuid": lambda u, _: u.resource.offering.uuid,
        "project_name": lambda u, _: u.resource.project.name,
        "project_uuid": lambda u, _: u.resource.project.uuid,
        "customer_name": lambda u, _: u.resource.project.customer.name,
        "customer_uuid": lambda u, _: u.resource.project.customer.uuid,
        "modified_by": constant(1),
    },
    name="usage",
)

USER_USAGE: Shape[UserUsage] = Shape(
    {
        "uuid": lambda u, _: u.uuid,
        "user": lambda u, v: u.offering_user and v.url("marketplace-offering-users", u.offering_user.uuid),
        "username": lambda u, _: u.username,
        "component_usage": lambda u, v: v.url("marketplace-component-usages", u.component_usage.uuid),
        "usage": lambda u, _: str(u.usage),
        "measured_unit": lambda u, _: u.component_usage.component.measured_unit,
        "description": constant(""),
        "created": lambda u, _: moment(u.created),
        "modified": lambda u, _: moment(u.modified),
        "backend_id": constant(""),
        "resource_name": lambda u, _: u.component_usage.resource.name,
        "resource_uuid": lambda u, _: u.component_usage.resource.uuid,
        "offering_name": lambda u, _: u.component_usage.resource.offering.name,
        "offering_uuid": lambda u, _: u.component_usage.resource.offering.uuid,
        "project_name": lambda u, _: u.component_usage.resource.project.name,
        "project_uuid": lambda u, _: u.component_usage.resource.project.uuid,
        "customer_name": lambda u, _: u.component_usage.resource.project.customer.name,
        "customer_uuid": lambda u, _: u.component_usage.resource.project.customer.uuid,
        "component_type": lambda u, _: u.component_usage.component.type,
        "date": lambda u, _: moment(u.component_usage.date),
        "billing_period": lambda u, _: day(u.component_usage.billing_period),
    },
    name="user usage",
)

USER_LIMIT: Shape[UserLimit] = Shape(
    {
        "url": lambda x, v: v.url("component-user-usage-limits", x.uuid),
        "uuid": lambda x, _: x.uuid,
        "resource": lambda x, v: v.url("marketplace-provider-resources", x.resource.uuid),
        "component": lambda x, _: x.component.uuid,
        "component_type": lambda x, _: x.component.type,
        "user": lambda x, v: v.url("marketplace-offering-users", x.offering_user.uuid),
        "limit": lambda x, _: f"{x.limit:.2f}",
    }
)
