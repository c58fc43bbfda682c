"""Offering users, that is local accounts, as JSON."""

from __future__ import annotations

from waldur_agent.emulator.records import OfferingUser

from .shape import Shape, constant, moment

OFFERING_USER: Shape[OfferingUser] = Shape(
    {
        "url": lambda a, v: v.url("marketplace-offering-users", a.uuid),
        "uuid": lambda a, _: a.uuid,
        "user": lambda a, v: v.url("users", a.user.uuid),
        "offering": lambda a, v: v.url("marketplace-provider-offerings", a.offering.uuid),
        "username": lambda a, _: a.username,
        "state": lambda a, _: a.state,
        "runtime_state": lambda a, _: a.runtime_state,
        "is_restricted": lambda a, _: a.is_restricted,
        "service_provider_comment": lambda a, _: a.comment,
        "service_provider_comment_url": lambda a, _: a.comment_url,
        "offering_uuid": lambda a, _: a.offering.uuid,
        "offering_name": lambda a, _: a.offering.name,
        "user_uuid": lambda a, _: a.user.uuid,
        "user_username": lambda a, _: a.user.username,
        "user_full_name": lambda a, _: a.user.full_name,
        # The only further personal field that a provider sees unless the offering exposes more.
        "user_email": lambda a, _: a.user.email,
        "customer_uuid": lambda a, _: a.offering.customer.uuid,
        "customer_name": lambda a, _: a.offering.customer.name,
        "created": lambda a, _: moment(a.created),
        "modified": lambda a, _: moment(a.modified),
        "has_consent": constant(True),  # noqa: FBT003 - the field's value, not a switch
        "has_compliance_checklist": constant(False),  # noqa: FBT003 - as above
        "is_profile_complete": constant(True),  # noqa: FBT003 - as above
    },
    name="offering user",
)
