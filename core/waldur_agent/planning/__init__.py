"""Where the rules live: pure functions from what is wanted and what is there to what is to be done."""

from __future__ import annotations

from .limits import differing, to_backend, wanted_limits
from .members import Known, LocalAccount, Members, Unknown, wanted_members
from .orders import OrderPlan, plan_order

__all__ = [
    "Known",
    "LocalAccount",
    "Members",
    "OrderPlan",
    "Unknown",
    "differing",
    "plan_order",
    "to_backend",
    "wanted_limits",
    "wanted_members",
]
