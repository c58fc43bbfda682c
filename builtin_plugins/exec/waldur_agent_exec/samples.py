"""One request of each kind, to try a program with before any agent asks it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from waldur_agent_hookspecs import (
    AccountRef,
    AccountStatus,
    AddMember,
    Component,
    CreateAccount,
    LimitChange,
    Member,
    Order,
    OrderType,
    Outcome,
    OutcomeStatus,
    Party,
    Period,
    PluginContext,
    SetLimits,
    User,
)

from .messages import request

_REF: Final = AccountRef(
    resource_uuid="3f1c7e0ab7a44d0f8b0c5d9e6a712f48",
    backend_id="",
    slug="climate-2026",
    name="Climate 2026",
    project=Party("9d2b6c51f0e84a7f9a35c1d07be4e210", "ocean", "Ocean models"),
    customer=Party("c07a1e9f2b6d4f0c8d4e5a6b7c8d9e0f", "uni", "University"),
)
_MADE: Final = AccountRef(
    resource_uuid=_REF.resource_uuid,
    backend_id="a_climate-2026",
    slug=_REF.slug,
    name=_REF.name,
    project=_REF.project,
    customer=_REF.customer,
)
_JANE: Final = Member("jdoe", "5b7d0c9e1f2a4b3c8d6e7f8091a2b3c4", "Jane Doe")
_USER: Final = User(_JANE.user_uuid, "jane@example.org", "Jane Doe", "Jane", "Doe", "jane@example.org")
_LIMITS: Final = LimitChange(wanted={"cpu": Decimal(60000)}, order="7e57c0de7e57c0de7e57c0de7e57c0de")
_CPU: Final = Component("cpu", "usage", Decimal(60000), "k-Hours", "CPU")
_CREATE: Final = CreateAccount(ref=_REF, reason="ordered", order=_LIMITS.order)
_CHANGES: Final = (
    _CREATE,
    SetLimits(ref=_REF, reason="ordered", order=_LIMITS.order, limits=_LIMITS),
    AddMember(ref=_REF, reason="in the project's team", member=_JANE),
)
_MARCH: Final = Period(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))

ARGUMENTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "describe": {},
    "describe_components": {"configured": {"cpu": _CPU}},
    "review_order": {"order": Order(_LIMITS.order, OrderType.CREATE, _REF, _LIMITS.wanted)},
    "list_accounts": {"refs": (_MADE,)},
    "collect_usage": {"refs": (_MADE,), "period": _MARCH},
    "account_metadata": {"ref": _MADE},
    "preview_changes": {"changes": _CHANGES},
    "apply_changes": {"changes": _CHANGES},
    "create_account": {"ref": _REF},
    "set_limits": {"ref": _MADE, "change": _LIMITS},
    "set_status": {"ref": _MADE, "status": AccountStatus.PAUSED},
    "delete_account": {"ref": _MADE},
    "add_member": {"ref": _MADE, "member": _JANE},
    "remove_member": {"ref": _MADE, "member": _JANE},
    "set_member_limits": {"ref": _MADE, "member": _JANE, "change": _LIMITS},
    "find_username": {"user": _USER},
    "generate_username": {"user": _USER, "taken": frozenset({"jdoe"})},
    "prepare_users": {"members": (_JANE,)},
    "check_health": {},
    "members_synced": {"ref": _MADE, "members": (_JANE,)},
    "hook_finished": {"outcome": Outcome(_CREATE, OutcomeStatus.DONE, backend_id=_MADE.backend_id)},
}


def sample(hook: str) -> bytes:
    """A request as the program would read it."""
    context = PluginContext("HPC cluster", "a1b2c3d4e5f64789a0b1c2d3e4f50617", {"cpu": _CPU})
    return request(hook, ARGUMENTS[hook], context)
