"""What comes from Waldur besides accounts: orders to be reviewed and persons to be named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from .accounts import NO_LIMITS, AccountRef, Limits


class OrderType(StrEnum):
    """The kinds of order that the agent serves."""

    CREATE = "Create"
    UPDATE = "Update"
    TERMINATE = "Terminate"


@dataclass(frozen=True, slots=True)
class Order:
    """An order before it is approved. ``limits`` are what it asks for, in backend units."""

    uuid: str
    type: OrderType
    ref: AccountRef
    limits: Limits = field(default_factory=lambda: NO_LIMITS)
    attributes: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        object.__setattr__(self, "limits", MappingProxyType(dict(self.limits)))
        object.__setattr__(self, "attributes", MappingProxyType(dict(self.attributes)))


class Verdict(StrEnum):
    """What to do with an order that waits for its provider."""

    ACCEPT = "accept"
    REJECT = "reject"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class Review:
    """A plugin's answer to an order. ``text`` tells the customer (reject) or the log (wait) why."""

    verdict: Verdict
    text: str = ""


@dataclass(frozen=True, slots=True)
class User:
    """A person in Waldur who needs a local name. All but the UUID may be empty: servers differ in what they tell.

    Attributes:
        uuid: The Waldur user's UUID, 32 lower-case hex characters.
        login: The Waldur user name, often an e-mail address or a subject id; *not* a local name.
        attributes: Further personal fields that the server exposes, by their Waldur names.
        known_names: Local names that the person has in other offerings that the agent can see, oldest first.
    """

    uuid: str
    login: str = ""
    full_name: str = ""
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    attributes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    known_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "attributes", MappingProxyType(dict(self.attributes)))
