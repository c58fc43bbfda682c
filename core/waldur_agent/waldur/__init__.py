"""Waldur's side: the only package that speaks HTTP."""

from __future__ import annotations

from .api import ROLES_PER_RESOURCE, Waldur
from .components import OfferingComponent
from .connection import Connection
from .errors import NotFound, Refused, Unauthorized, Unavailable, WaldurError, WrongState
from .gather import gather
from .learned import Learned
from .objects import Offering, OfferingUser, Order, Resource, Scope, hex_uuid
from .pages import LARGE_PAGE
from .settle import Action, settle
from .subscriptions import MISSING, Subscriptions
from .usages import UsageRecord, UsageRow, UserAmount

__all__ = [
    "LARGE_PAGE",
    "MISSING",
    "ROLES_PER_RESOURCE",
    "Action",
    "Connection",
    "Learned",
    "NotFound",
    "Offering",
    "OfferingComponent",
    "OfferingUser",
    "Order",
    "Refused",
    "Resource",
    "Scope",
    "Subscriptions",
    "Unauthorized",
    "Unavailable",
    "UsageRecord",
    "UsageRow",
    "UserAmount",
    "Waldur",
    "WaldurError",
    "WrongState",
    "gather",
    "hex_uuid",
    "settle",
]
