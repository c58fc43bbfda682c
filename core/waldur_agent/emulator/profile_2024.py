"""Servers of 2024, as one was recorded: what they have less, more and otherwise than the newest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from .identifiers import slugify, stable_uuid
from .profile import PERMISSIONS, Fields, Profile
from .records import Order, Resource, Role, User
from .shapes.shape import ABSENT, View

_LACKS: Final = frozenset(
    {
        *("event_subscriptions", "agent_identities", "agent_services"),
        *("orders.set_order_backend_id", "orders.retry_order"),
        *("resources.set_limits", "resources.set_as_ok", "resources.set_state_ok", "resources.refresh_last_sync"),
        *("offering_users.take_step", "offering_users.change_runtime_state", "offering_users.change_comments"),
        *("usages.set_user_usages", "usages.list_user_limits"),
    }
)

_LACKING_FIELDS: Final = {
    "order": frozenset(
        {
            *("completed_at", "consumer_reviewed_by_username", "created_by_username", "error_traceback"),
            *("old_plan_name", "old_plan_uuid", "provider_rejection_comment", "provider_reviewed_by_username"),
            *("provider_slug", "request_comment", "slug", "start_date", "url"),
        }
    ),
    "resource": frozenset(
        {
            *("last_sync", "offering_backend_id", "offering_components", "offering_slug", "offering_state"),
            *("provider_slug", "usage_limit_restriction"),
        }
    ),
    "offering": frozenset({"partitions"}),
    "component": frozenset({"limit_decimal_places", "is_prepaid", "unit_factor"}),
    "offering user": frozenset(
        {
            *("has_compliance_checklist", "has_consent", "is_profile_complete", "runtime_state", "state"),
            *("service_provider_comment", "service_provider_comment_url", "user_email"),
        }
    ),
    "usage": frozenset({"missing_usage_policy"}),
    "user usage": frozenset({"billing_period"}),
    "me": frozenset({"token_expires_at"}),
    "permission": frozenset({"uuid"}),
    "provider": frozenset({"customer_slug"}),
    "team member": frozenset({"offering_user_state"}),
    "integration status": frozenset({"agent_type"}),
}


def _allocation(resource: Resource) -> str | None:
    return None if resource.allocation is None else stable_uuid("allocation", resource.uuid)


def _allocation_type(resource: Resource) -> str | None:
    return None if resource.allocation is None else "SLURM.Allocation"


def _scope(resource: Resource, view: View) -> str | None:
    uuid = _allocation(resource)
    return None if uuid is None else view.url("slurm-allocations", uuid)


def _of_offering(role: Role, view: View, name: str) -> Any:
    """Told of the organisation behind an offering in which somebody has a role."""
    offering = view.state.offerings.get(role.scope_uuid)
    return ABSENT if offering is None else getattr(offering.customer, name)


def _told_to_staff(user: User, value: bool) -> Any:  # noqa: FBT001 - the field's value, not a switch
    return value if user.is_staff else ABSENT


def _of_plan(value: str) -> Callable[[Order, View], Any]:
    """Fields of the plan, which a Terminate order has not."""
    return lambda order, _: ABSENT if order.type == "Terminate" else value


def _plan_uuid(order: Order, _view: View) -> Any:
    return ABSENT if order.type == "Terminate" else order.resource.offering.plan_uuid


def _constants(value: Any, *names: str) -> dict[str, Callable[[Any, Any], Any]]:
    return {name: lambda _record, _view: value for name in names}


_OWN_FIELDS: Final[dict[str, Fields]] = {
    "order": {
        "resource_uuid": lambda o, _: _allocation(o.resource),
        "resource_type": lambda o, _: _allocation_type(o.resource),
        "provider_reviewed_by": lambda o, _: o.provider_reviewed_by.username if o.provider_reviewed_by else ABSENT,
        "provider_reviewed_by_full_name": lambda o, _: (
            o.provider_reviewed_by.full_name if o.provider_reviewed_by else ABSENT
        ),
        "plan_uuid": _plan_uuid,
        "new_plan_uuid": _plan_uuid,
        "plan_name": _of_plan("Default"),
        "new_plan_name": _of_plan("Default"),
        "plan_unit": _of_plan("month"),
        "plan_description": _of_plan(""),
        **_constants("", "offering_terms_of_service"),
        **_constants(0.0, "new_cost_estimate"),
    },
    "resource": {
        "resource_uuid": lambda r, _: _allocation(r),
        "resource_type": lambda r, _: _allocation_type(r),
        "scope": _scope,
        "offering_customer_uuid": lambda r, _: r.offering.customer.uuid,
        **_constants("", "offering_terms_of_service"),
        **_constants(None, "category_icon", "end_date_requested_by", "project_end_date_requested_by"),
        **_constants(None, "offering_image", "offering_thumbnail"),
    },
    "offering": {
        "category": lambda _, v: v.url("marketplace-categories", stable_uuid("category", "HPC")),
        "order_count": lambda o, v: sum(order.resource.offering is o for order in v.state.orders.values()),
        **_constants(-1, "citation_count"),
        **_constants(0, "total_cost", "total_cost_estimated", "total_customers"),
        **_constants("", "country", "datacite_doi", "full_description", "getting_started", "integration_guide"),
        **_constants("", "native_description", "native_name", "paused_reason", "privacy_policy_link"),
        **_constants("", "terms_of_service", "terms_of_service_link", "vendor_details"),
        **_constants(None, "google_calendar_is_public", "google_calendar_link", "image", "latitude", "longitude"),
        **_constants(None, "project", "rating", "scope", "thumbnail"),
        **_constants([], "endpoints", "files", "organization_groups", "roles", "screenshots"),
        **_constants({}, "service_attributes"),
    },
    "plan": {
        **_constants("", "article_code", "backend_id"),
        **_constants(0, "init_price", "switch_price", "resources_count", "minimal_price"),
        **_constants([], "organization_groups"),
        **_constants("mixed", "plan_type"),
    },
    "offering user": {"propagation_date": lambda _record, _view: None},
    "me": {
        **_constants([], "affiliations", "identity_provider_fields"),
        **_constants(None, "agreement_date", "civil_number", "image", "requested_email"),
        "description": lambda u, _: "" if u.is_staff else ABSENT,
        "is_staff": lambda u, _: _told_to_staff(u, u.is_staff),
        "is_active": lambda u, _: _told_to_staff(u, u.active),
        "is_support": lambda u, _: _told_to_staff(u, False),  # noqa: FBT003 - as above
        **_constants("", "identity_provider_management_url", "identity_source", "job_title"),
        **_constants("", "native_name", "organization", "phone_number", "preferred_language"),
        **_constants("Local DB", "identity_provider_label", "identity_provider_name"),
        **_constants("default", "registration_method"),
    },
    "permission": {
        "user_slug": lambda r, _: slugify(r.user.username),
        "created_by_full_name": lambda r, _: ABSENT if r.name.endswith(".OWNER") else "",
        "created_by_username": lambda r, _: ABSENT if r.name.endswith(".OWNER") else "",
        "customer_uuid": lambda r, v: _of_offering(r, v, "uuid"),
        "customer_name": lambda r, v: _of_offering(r, v, "name"),
    },
    "provider": {
        **_constants(None, "customer_image", "image", "organization_group"),
        **_constants("", "customer_abbreviation", "customer_native_name", "customer_country"),
    },
    "team member": {"role": lambda m, _: m.role.name.rpartition(".")[2].lower()},
}


OF_2024: Final = Profile(
    name="2024",
    version="7.1.8",
    permissions=PERMISSIONS,
    event_queues="none",
    resource_slugs="own",
    lacks=_LACKS,
    staff_only=frozenset({"general.show_version", "resources.set_as_erred"}),
    lacking_fields=_LACKING_FIELDS,
    own_fields=_OWN_FIELDS,
    unknown_parameters={
        "offering_users.list_accounts": frozenset({"state", "runtime_state", "has_consent"}),
        "usages.list_user_usages": frozenset({"component_usage_billing_period"}),
    },
    whole_objects=frozenset({"providers.list_providers", "usages.list_user_usages"}),
    limit_periods=("month", "annual", "total"),
    any_of_uuids=False,
    largest_page=500,
    slug_length=8,
    checks_bodies=False,
    tells_approval=False,
    tells_resource_errors=False,
    gives_up_creations=False,
    dated_usage=False,
    providers_see_consumers_list=False,
    hidden_allocations=True,
)
