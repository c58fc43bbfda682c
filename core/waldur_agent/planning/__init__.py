"""Where the rules live: pure functions from what is wanted and what is there to what is to be done."""

from __future__ import annotations

from .components import ComponentAction, ComponentPlan, plan_components
from .fuse import Earlier, Held, Release, Verdict, fuse
from .limits import differing, to_backend, to_report, wanted_limits
from .members import Known, LocalAccount, Members, Unknown, wanted_members
from .membership import AccountPlan, People, Wanted, folded, plan_account
from .orders import OrderPlan, plan_order
from .periods import Calendar, Month, is_signed
from .usage import Figure, Figures, MemberFigure, TotalsPlan, figures, plan_members, plan_totals

__all__ = [
    "AccountPlan",
    "Calendar",
    "ComponentAction",
    "ComponentPlan",
    "Earlier",
    "Figure",
    "Figures",
    "Held",
    "Known",
    "LocalAccount",
    "MemberFigure",
    "Members",
    "Month",
    "OrderPlan",
    "People",
    "Release",
    "TotalsPlan",
    "Unknown",
    "Verdict",
    "Wanted",
    "differing",
    "figures",
    "folded",
    "fuse",
    "is_signed",
    "plan_account",
    "plan_components",
    "plan_members",
    "plan_order",
    "plan_totals",
    "to_backend",
    "to_report",
    "wanted_limits",
    "wanted_members",
]
