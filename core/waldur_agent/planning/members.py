"""Who belongs to an account. What could not be read is :class:`Unknown`, never nobody."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from waldur_agent_hookspecs import Member

USERNAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.@-]{0,254}")
"""What any backend can be given. Backends may be stricter; names are data from outside and end up in commands."""

LEAVING = frozenset({"Requested deletion", "Deleting", "Deleted", "Error deleting"})
"""States in which a local account is on its way out and must not be added anywhere."""


@dataclass(frozen=True, slots=True)
class Known:
    """The members as Waldur has them, by local name, and how many persons the team has with or without one."""

    members: Mapping[str, Member]
    team_size: int = 0


@dataclass(frozen=True, slots=True)
class Unknown:
    """They could not be read; nobody is added or removed on such a ground."""

    reason: str


Members = Known | Unknown


@dataclass(frozen=True, slots=True)
class LocalAccount:
    """A person's account on the site, as Waldur has it for one offering."""

    user_uuid: str
    username: str
    full_name: str
    is_restricted: bool
    state: str = ""


def wanted_members(team: Iterable[str], accounts: Iterable[LocalAccount]) -> tuple[Known, list[str]]:
    """The persons of a team who have a usable local name, and complaints about names that are not usable.

    Args:
        team: Waldur user UUIDs.
        accounts: All local accounts of the offering, since a team knows nothing of offerings.
    """
    people = set(team)
    members: dict[str, Member] = {}
    complaints: list[str] = []
    for account in accounts:
        if account.user_uuid not in people or account.is_restricted or account.state in LEAVING:
            continue
        if not account.username:
            continue
        if not USERNAME.fullmatch(account.username):
            complaints.append(
                f"the local name {account.username!r} cannot be used on a cluster; correct it in Waldur"
            )
            continue
        members[account.username] = Member(account.username, account.user_uuid, account.full_name)
    return Known(members, len(people)), complaints
