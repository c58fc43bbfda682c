"""How much a pass looks at: a whole offering, or the objects that somebody hinted at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What a hint names."""

    ORDER = "order"
    RESOURCE = "resource"
    PROJECT = "project"
    PERSON = "person"
    NEWCOMER = "newcomer"
    """A person who was just let in somewhere: ``PERSON KIND UUID``, a resource or a project, which is looked at, and
    again until the person has a local name."""
    ALL_ORDERS = "all orders"
    ALL_MEMBERS = "all members"
    ALIVE = "alive"
    """Nothing to be done but to let Waldur see that the offering is served."""


class Hint(NamedTuple):
    """One object that may have changed, or all of a kind (without a UUID)."""

    kind: Kind
    uuid: str = ""

    @classmethod
    def newcomer(cls, person: str, place: Hint) -> Hint:
        """That somebody was let in at ``place``."""
        return cls(Kind.NEWCOMER, f"{person} {place.kind} {place.uuid}")


@dataclass(frozen=True, slots=True)
class Focus:
    """What a pass is about. ``whole`` takes in everything; the objects named are then looked at as well.

    Attributes:
        orders: By UUID, as all of these.
        people: Their accounts in every project of theirs.
        newcomers: The persons of :attr:`Kind.NEWCOMER`.
    """

    whole: bool = False
    orders: frozenset[str] = frozenset()
    resources: frozenset[str] = frozenset()
    projects: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    newcomers: frozenset[str] = frozenset()

    @classmethod
    def on(cls, hints: Iterable[Hint], *, whole: bool = False) -> Focus:
        """Put hints together."""
        found: dict[Kind, set[str]] = {kind: set() for kind in Kind}
        for hint in hints:
            if hint.kind is Kind.NEWCOMER:
                person, kind, place = hint.uuid.split()
                found[hint.kind].add(person)
                found[Kind(kind)].add(place)
            else:
                found[hint.kind].add(hint.uuid)
        return cls(
            whole,
            orders=frozenset(found[Kind.ORDER]),
            resources=frozenset(found[Kind.RESOURCE]),
            projects=frozenset(found[Kind.PROJECT]),
            people=frozenset(found[Kind.PERSON]),
            newcomers=frozenset(found[Kind.NEWCOMER]),
        )


EVERYTHING = Focus(whole=True)
