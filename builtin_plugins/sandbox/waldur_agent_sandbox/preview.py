"""What a plan would write, one line for each change, and which jobs it would end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from sqlite3 import Connection

from waldur_agent_hookspecs import (
    AccountRef,
    AddMember,
    Change,
    DeleteAccount,
    Limits,
    PluginError,
    Preview,
    RemoveMember,
    SetLimits,
    SetMemberLimits,
    SetStatus,
)

from . import accounts, jobs, names
from .settings import SandboxSettings


def preview(db: Connection, settings: SandboxSettings, changes: Sequence[Change]) -> Preview:
    """Describe the changes against what is there now; those of a new account name it as it will be named."""
    lines = []
    at_risk: Counter[str] = Counter()
    for change in changes:
        name = _name(db, settings, change.ref)
        lines.append(_line(name, change))
        at_risk[name] += _active_jobs(db, name, change)
    return Preview(commands=tuple(lines), jobs_at_risk={name: count for name, count in at_risk.items() if count})


def _name(db: Connection, settings: SandboxSettings, ref: AccountRef) -> str:
    if account := accounts.find_own(db, ref):
        return account.name
    try:
        return accounts.free_name(db, names.allocation_names(settings, ref))
    except PluginError as reason:
        return f"({reason})"


def _line(name: str, change: Change) -> str:
    what = f"{change.kind} {name}"
    match change:
        case AddMember(member=member) | RemoveMember(member=member):
            return f"{what} {member.username}"
        case SetMemberLimits(member=member, limits=limits):
            return f"{what} {member.username} {_amounts(limits.wanted)}"
        case SetLimits(limits=limits):
            return f"{what} {_amounts(limits.wanted)}"
        case SetStatus(status=status):
            return f"{what} {status}"
        case _:
            return what


def _active_jobs(db: Connection, name: str, change: Change) -> int:
    match change:
        case DeleteAccount():
            return jobs.count_active(db, name)
        case RemoveMember(member=member):
            return jobs.count_active(db, name, member.username)
        case _:
            return 0


def _amounts(limits: Limits) -> str:
    return ",".join(f"{component}={amount:f}" for component, amount in sorted(limits.items())) or "nothing"
