"""What an account should be like, compared with what it is. Pure; doubt never removes anybody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from waldur_agent_hookspecs import (
    NO_LIMITS,
    AccountRef,
    AccountState,
    AccountStatus,
    AddMember,
    Change,
    CreateAccount,
    LimitChange,
    Limits,
    Member,
    RemoveMember,
    SetLimits,
    SetMemberLimits,
    SetStatus,
)

from .limits import differing
from .members import Known, Members, Unknown


@dataclass(frozen=True, slots=True)
class Wanted:
    """One resource as Waldur wants it.

    Attributes:
        restricted: Nobody may use it now, although the team stays as it is.
        status: None where the plugins have no notion of it.
        limits: In backend units; put on an account that has none at all.
        member_limits: By local name; None where they could not be read or cannot be set: none is touched then.
        recreate: Whether an account that vanished is made again.
    """

    ref: AccountRef
    members: Members
    restricted: bool = False
    status: AccountStatus | None = None
    limits: Limits = field(default_factory=lambda: NO_LIMITS)
    member_limits: Mapping[str, Limits] | None = None
    recreate: bool = False


@dataclass(frozen=True, slots=True)
class People:
    """The local names that Waldur knows for the offering, in any state, and those that nobody may remove."""

    known: frozenset[str]
    protected: frozenset[str]

    @classmethod
    def of(cls, known: Iterable[str], protected: Iterable[str] = ()) -> People:
        """From names as they are written."""
        return cls(frozenset(map(folded, known)), frozenset(map(folded, protected)))

    def removable(self, name: str) -> bool:
        """Whether the agent may take that local user out of an account at all."""
        return folded(name) in self.known and folded(name) not in self.protected


@dataclass(frozen=True, slots=True)
class AccountPlan:
    """What is to be done to one account.

    Attributes:
        changes: All but removals, in dependency order.
        removals: Who is to be taken out.
        hold: Not empty where the removals need a person's word; the text says why.
        foreign: Local users in the account whom Waldur does not know: reported, never touched.
        removable: How many of the members present the agent may remove: what the fuse takes a percentage of.
        vanished: The account is not there, and is not made again.
    """

    ref: AccountRef
    changes: tuple[Change, ...] = ()
    removals: tuple[RemoveMember, ...] = ()
    hold: str = ""
    foreign: tuple[str, ...] = ()
    removable: int = 0
    vanished: bool = False


def folded(name: str) -> str:
    """Backends fold the case of names, people do not: both sides are compared without it."""
    return name.lower()


def plan_account(wanted: Wanted, state: AccountState, people: People) -> AccountPlan:
    """Compare one account with what Waldur wants of it."""
    if not state.exists and (state.conflict or not wanted.recreate):
        return AccountPlan(wanted.ref, vanished=True)
    present = {folded(name): name for name in state.members}
    changes: list[Change] = []
    if not state.exists:
        changes.append(CreateAccount(ref=wanted.ref, reason="it vanished from the backend"))
    changes += _status(wanted, state)
    changes += _limits(wanted, state)
    members = _members(wanted)
    if members is not None:
        changes += [
            AddMember(ref=wanted.ref, reason="in the project's team", member=member)
            for name, member in sorted(members.items())
            if name not in present
        ]
    changes += _member_limits(wanted, state, members)
    removals, hold = _removals(wanted, members, present, people)
    return AccountPlan(
        wanted.ref,
        tuple(changes),
        removals,
        hold,
        foreign=tuple(sorted(name for key, name in present.items() if key not in people.known)),
        removable=sum(people.removable(name) for name in present),
    )


def _members(wanted: Wanted) -> dict[str, Member] | None:
    """Who may be in, by folded name; None where that is not known."""
    if wanted.restricted:
        return {}
    if isinstance(wanted.members, Unknown):
        return None
    return {folded(name): member for name, member in wanted.members.members.items()}


def _status(wanted: Wanted, state: AccountState) -> list[Change]:
    if wanted.status is None or wanted.status == state.status:
        return []
    if wanted.status is AccountStatus.ACTIVE and state.status is None:
        # Somebody set it to something else by hand; it is neither paused nor downscaled, and so it is left.
        return []
    reason = {
        AccountStatus.PAUSED: "paused in Waldur",
        AccountStatus.DOWNSCALED: "downscaled in Waldur",
        AccountStatus.ACTIVE: "neither paused nor downscaled in Waldur",
    }[wanted.status]
    return [SetStatus(ref=wanted.ref, reason=reason, status=wanted.status, previous=state.status)]


def _limits(wanted: Wanted, state: AccountState) -> list[Change]:
    # Limits change by orders. Only an account without any gets Waldur's here: somebody or something lost them.
    if state.limits or not wanted.limits or not state.limits_reportable:
        return []
    change = LimitChange(wanted=wanted.limits)
    return [SetLimits(ref=wanted.ref, reason="the account has no limits", limits=change)]


def _member_limits(wanted: Wanted, state: AccountState, members: dict[str, Member] | None) -> list[Change]:
    if wanted.member_limits is None or members is None:
        return []
    asked = {folded(name): limits for name, limits in wanted.member_limits.items()}
    there = {folded(name): limits for name, limits in state.members.items()}
    changes: list[Change] = []
    for name, member in sorted(members.items()):
        limits, now = asked.get(name, NO_LIMITS), there.get(name, NO_LIMITS)
        freed = {component: amount for component, amount in now.items() if component not in limits}
        if differing(limits, now) or freed:
            change = LimitChange(wanted=limits, previous=now)
            reason = "limited in Waldur" if limits else "not limited in Waldur any more"
            changes.append(SetMemberLimits(ref=wanted.ref, reason=reason, member=member, limits=change))
    return changes


def _removals(
    wanted: Wanted, members: dict[str, Member] | None, present: Mapping[str, str], people: People
) -> tuple[tuple[RemoveMember, ...], str]:
    if members is None:
        return (), ""
    reason = "member access is restricted" if wanted.restricted else "not in the project's team, or restricted"
    removals = tuple(
        RemoveMember(ref=wanted.ref, reason=reason, member=Member(name))
        for key, name in sorted(present.items())
        if key not in members and people.removable(name)
    )
    empty = isinstance(wanted.members, Known) and not wanted.members.team_size and not wanted.restricted
    hold = "the project's team was read as empty, although the account has members" if removals and empty else ""
    return removals, hold
