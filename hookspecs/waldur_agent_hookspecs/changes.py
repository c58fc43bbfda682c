"""What the agent wants done, and what became of it. A plan is a list of these; nothing here does anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar

from .accounts import NO_LIMITS, AccountRef, AccountStatus, Limits, Member
from .errors import BackendError, NotReady


@dataclass(frozen=True, slots=True)
class LimitChange:
    """Limits to reach, in backend units.

    ``wanted`` holds the components to set; a component that is not in it keeps its value. ``previous`` is what
    Waldur held before, and so empty for a new account (for backends that add up, as MOAB does, the difference is
    what counts); ``order`` is the UUID of the order behind it, or empty.
    """

    wanted: Limits
    previous: Limits = field(default_factory=lambda: NO_LIMITS)
    order: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "wanted", MappingProxyType(dict(self.wanted)))
        object.__setattr__(self, "previous", MappingProxyType(dict(self.previous)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing to do to one account. ``reason`` is for people; ``order`` is an order's UUID or empty."""

    kind: ClassVar[str] = ""
    ref: AccountRef
    reason: str
    order: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateAccount(Change):
    """Make the account, and whatever it needs above it."""

    kind: ClassVar[str] = "create_account"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLimits(Change):
    """Bring the account's limits to ``limits.wanted``."""

    kind: ClassVar[str] = "set_limits"
    limits: LimitChange


@dataclass(frozen=True, slots=True, kw_only=True)
class SetStatus(Change):
    """Let the members work, or let them work less, or not at all."""

    kind: ClassVar[str] = "set_status"
    status: AccountStatus
    previous: AccountStatus | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddMember(Change):
    """Let a person use the account."""

    kind: ClassVar[str] = "add_member"
    member: Member


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveMember(Change):
    """Take a person's use of the account away; running work of that person in it ends."""

    kind: ClassVar[str] = "remove_member"
    member: Member


@dataclass(frozen=True, slots=True, kw_only=True)
class SetMemberLimits(Change):
    """Bring a member's own limits within the account to ``limits.wanted``."""

    kind: ClassVar[str] = "set_member_limits"
    member: Member
    limits: LimitChange


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteAccount(Change):
    """Remove the account, and what was made for it alone."""

    kind: ClassVar[str] = "delete_account"


CHANGE_ORDER: tuple[type[Change], ...] = (
    CreateAccount,
    SetStatus,
    SetLimits,
    AddMember,
    SetMemberLimits,
    RemoveMember,
    DeleteAccount,
)
"""The order in which changes of one account depend on each other: additions come before removals."""


class OutcomeStatus(StrEnum):
    """How a change ended."""

    DONE = "done"
    UNCHANGED = "unchanged"  # it was so already
    WAITING = "waiting"  # for something ordinary outside: nobody's fault, asked again next cycle
    NOT_READY = "not ready"  # the backend could not do it now: asked again next cycle
    HELD = "held"  # the agent refuses until a person has looked
    FAILED = "failed"  # the backend refused this very object


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one :class:`Change`. Every change of a plan ends as exactly one of these.

    ``text`` is for people and never empty unless the status is ``done`` or ``unchanged``. ``backend_id`` is set
    where an account was created or found.
    """

    change: Change
    status: OutcomeStatus
    text: str = ""
    backend_id: str = ""

    @property
    def good(self) -> bool:
        """Whether the wanted state holds now."""
        return self.status in {OutcomeStatus.DONE, OutcomeStatus.UNCHANGED}

    def settled(self) -> bool:
        """What a hook that makes one change returns or raises after such an outcome: whether anything was done.

        Raises:
            BackendError: the backend refused the object.
            NotReady: the change could not be made now.
        """
        if self.status is OutcomeStatus.FAILED:
            raise BackendError(self.text)
        if not self.good:
            raise NotReady(self.text, expected=self.status is OutcomeStatus.WAITING)
        return self.status is OutcomeStatus.DONE


@dataclass(frozen=True, slots=True)
class Preview:
    """What a list of changes would cost, without doing it.

    ``commands`` are complete command lines (or file contents) in the order in which they would run;
    ``jobs_at_risk`` maps a backend id to the number of running or waiting jobs that would end.
    """

    commands: tuple[str, ...] = ()
    jobs_at_risk: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        object.__setattr__(self, "jobs_at_risk", MappingProxyType(dict(self.jobs_at_risk)))
