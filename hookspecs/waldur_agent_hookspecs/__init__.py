"""The contract between waldur-agent and its plugins. Public is what ``__all__`` lists."""

from __future__ import annotations

from .accounts import NO_LIMITS, AccountRef, AccountState, AccountStatus, Limits, Member, NamePolicy, Party
from .changes import (
    CHANGE_ORDER,
    AddMember,
    Change,
    CreateAccount,
    DeleteAccount,
    LimitChange,
    Outcome,
    OutcomeStatus,
    Preview,
    RemoveMember,
    SetLimits,
    SetMemberLimits,
    SetStatus,
)
from .components import Component, ComponentRule
from .errors import BackendError, NotReady, PluginError, UserActionNeeded
from .markers import API_VERSION, ENTRY_POINT_GROUP, PROJECT, SUPPORTED_API_VERSIONS, hookimpl, hookspec
from .orders import Order, OrderType, Review, User, Verdict
from .plugin import Health, HealthStatus, Plugin, PluginContext
from .usage import Amounts, Period, Usage

__all__ = [
    "API_VERSION",
    "CHANGE_ORDER",
    "ENTRY_POINT_GROUP",
    "NO_LIMITS",
    "PROJECT",
    "SUPPORTED_API_VERSIONS",
    "AccountRef",
    "AccountState",
    "AccountStatus",
    "AddMember",
    "Amounts",
    "BackendError",
    "Change",
    "Component",
    "ComponentRule",
    "CreateAccount",
    "DeleteAccount",
    "Health",
    "HealthStatus",
    "LimitChange",
    "Limits",
    "Member",
    "NamePolicy",
    "NotReady",
    "Order",
    "OrderType",
    "Outcome",
    "OutcomeStatus",
    "Party",
    "Period",
    "Plugin",
    "PluginContext",
    "PluginError",
    "Preview",
    "RemoveMember",
    "Review",
    "SetLimits",
    "SetMemberLimits",
    "SetStatus",
    "Usage",
    "User",
    "UserActionNeeded",
    "Verdict",
    "hookimpl",
    "hookspec",
]
