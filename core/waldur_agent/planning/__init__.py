"""Where the rules live: pure functions from what is wanted and what is there to what is to be done."""

from __future__ import annotations

from .components import ComponentAction, ComponentPlan, plan_components
from .fuse import Earlier, Held, Release, Verdict, fuse
from .limits import differing, to_backend, to_report, wanted_limits
from .members import Known, LocalAccount, Members, Unknown, wanted_members
from .membership import AccountPlan, People, Wanted, folded, plan_account
from .orders import OrderPlan, plan_order

__all__ = [
    "AccountPlan",
    "ComponentAction",
    "ComponentPlan",
    "Earlier",
    "Held",
    "Known",
    "LocalAccount",
    "Members",
    "OrderPlan",
    "People",
    "Release",
    "Unknown",
    "Verdict",
    "Wanted",
    "differing",
    "folded",
    "fuse",
    "plan_account",
    "plan_components",
    "plan_order",
    "to_backend",
    "to_report",
    "wanted_limits",
    "wanted_members",
]
