"""Accounts as both sides see them: what Waldur asks for and what the backend has.

Amounts are in *backend* units on a plugin's side (for SLURM minutes of a TRES); the agent's core converts them
from and to Waldur's units once, with :class:`~decimal.Decimal`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

Limits = Mapping[str, Decimal]
"""Component type (``cpu``, ``mem``, ``gres/gpu``, ``deposit``) to an amount in backend units. 0 is a value: it
blocks everything. A missing key means that there is no limit."""

NO_LIMITS: Limits = MappingProxyType({})


class AccountStatus(StrEnum):
    """How far the members of an account may use it."""

    ACTIVE = "active"
    DOWNSCALED = "downscaled"
    PAUSED = "paused"


class NamePolicy(StrEnum):
    """From which slug the name of an account is made (``account_name_generation_policy`` of the offering)."""

    RESOURCE_SLUG = "resource_slug"
    PROJECT_SLUG = "project_slug"


@dataclass(frozen=True, slots=True)
class Party:
    """A Waldur project or customer, as far as an account's name and description need it.

    ``uuid`` is 32 lower-case hex characters; ``slug`` may be empty where the server does not tell it, and then
    no name may be made from it.
    """

    uuid: str
    slug: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class AccountRef:
    """Names one account: the Waldur resource that wants it, and the backend's own id once it is known.

    It is the request, not the state. ``resource_uuid`` (32 lower-case hex characters) is the key that never
    changes; ``backend_id`` is empty until Waldur carries one; only the plugin knows how an id is made from the
    slugs. Two refs with equal fields are the same account. ``leaving`` is true where a Terminate order is open for
    it: then it is nothing strange if the backend does not have it any more.
    """

    resource_uuid: str
    backend_id: str
    slug: str
    name: str
    project: Party
    customer: Party
    name_policy: NamePolicy = NamePolicy.RESOURCE_SLUG
    leaving: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """A person who may use an account: the local account name, and who that is in Waldur."""

    username: str
    user_uuid: str = ""
    full_name: str = ""


@dataclass(frozen=True, slots=True)
class AccountState:
    """What a backend holds for one :class:`AccountRef` now. Absence is a value here: ``exists=False``.

    "Could not be read" is never expressed by this class: the hook raises
    :class:`~waldur_agent_hookspecs.NotReady` instead.

    Attributes:
        exists: Whether there is such an account and it is this resource's own.
        backend_id: The backend's id of it; set where ``exists``, and also where the name is known beforehand.
        members: Local user name to that member's own limits (empty where there are none).
        limits: What is set on the account now, in backend units.
        limits_reportable: Whether ``limits`` may be reported to Waldur as the resource's limits. False for a
            backend whose amounts only ever add up (MOAB deposits).
        status: None where the backend has no such notion, or it was set to something else by hand.
        metadata: What to show in Waldur, for example ``{"qos": "normal"}``.
        conflict: Not empty where something of this name exists that is *not* this resource's account: it is
            never adopted and never deleted. The text says what is in the way.
        residue: Not empty where the account is gone but something that was made for it alone is still there,
            so that ``delete_account`` has work left. The text says what.
    """

    exists: bool
    backend_id: str = ""
    members: Mapping[str, Limits] = field(default_factory=lambda: MappingProxyType({}))
    limits: Limits = field(default_factory=lambda: NO_LIMITS)
    limits_reportable: bool = True
    status: AccountStatus | None = None
    metadata: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    conflict: str = ""
    residue: str = ""

    def __post_init__(self) -> None:
        for name in ("members", "limits", "metadata"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))
