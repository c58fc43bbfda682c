"""Changes as plain data: what ``plan --json`` prints, and what its table is made of."""

from __future__ import annotations

from typing import TypedDict

from waldur_agent_hookspecs import (
    NO_LIMITS,
    AccountState,
    AddMember,
    Change,
    CreateAccount,
    DeleteAccount,
    Limits,
    Preview,
    RemoveMember,
    SetLimits,
    SetMemberLimits,
    SetStatus,
)


class Item(TypedDict):
    """One order or one account of a plan. ``held`` tells that some of it waits for a person."""

    label: str
    account: str
    resource: str
    decision: str
    text: str
    held: bool
    changes: list[dict[str, str]]


class Described(TypedDict):
    """The plan of one offering."""

    items: list[Item]
    commands: list[str]
    jobs_at_risk: dict[str, int]
    troubles: list[str]


def described(items: list[Item], preview: Preview, troubles: list[str]) -> Described:
    """Put a plan together."""
    return Described(
        items=items, commands=list(preview.commands), jobs_at_risk=dict(preview.jobs_at_risk), troubles=troubles
    )


def change_as_data(change: Change, state: AccountState | None) -> dict[str, str]:
    """Kind, both ends and the reason."""
    before, after = _ends(change, state)
    return {"kind": change.kind, "before": before, "after": after, "reason": change.reason}


def _ends(change: Change, state: AccountState | None) -> tuple[str, str]:
    ends = {CreateAccount.kind: ("absent", "present"), DeleteAccount.kind: ("present", "absent")}.get(
        change.kind, ("", "")
    )
    match change:
        case AddMember():
            ends = "", change.member.username
        case RemoveMember():
            ends = change.member.username, ""
        case SetStatus():
            ends = str(change.previous or ""), str(change.status)
        case SetLimits():
            present = _present_limits(state, change)
            before = {name: present[name] for name in change.limits.wanted if name in present}
            ends = limits_text(before) or "none", limits_text(change.limits.wanted)
        case SetMemberLimits():
            ends = "", f"{change.member.username}: {limits_text(change.limits.wanted)}"
    return ends


def _present_limits(state: AccountState | None, change: SetLimits) -> Limits:
    """What there is; for a backend that adds up and tells none, what Waldur held before."""
    if state is None:
        return NO_LIMITS
    return state.limits if state.limits or state.limits_reportable else change.limits.previous


def limits_text(limits: Limits) -> str:
    """``cpu=60000 mem=61440``, in backend units, without exponents and without zeros at the end of fractions."""
    return " ".join(f"{name}={amount.normalize():f}" for name, amount in sorted(limits.items()))
