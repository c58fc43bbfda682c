"""Waldur's side: the only package that speaks HTTP."""

from __future__ import annotations

from .api import Waldur
from .components import OfferingComponent
from .connection import Connection
from .errors import NotFound, Refused, Unauthorized, Unavailable, WaldurError, WrongState
from .gather import gather
from .objects import Offering, OfferingUser, Order, Resource, Scope, hex_uuid
from .settle import Action, settle
from .subscriptions import MISSING, Subscriptions

__all__ = [
    "MISSING",
    "Action",
    "Connection",
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
    "Waldur",
    "WaldurError",
    "WrongState",
    "gather",
    "hex_uuid",
    "settle",
]
