"""The accounts that MAM has, as one listing shows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from . import parser, tags

if TYPE_CHECKING:
    from waldur_agent_hookspecs.commands import Answer


@dataclass(frozen=True, slots=True)
class Account:
    """One account. ``users`` is None where they were not listed along."""

    name: str
    description: str = ""
    organization: str = ""
    users: frozenset[str] | None = None

    @property
    def owner(self) -> str:
        """The UUID that the agent put into the description; empty where it did not."""
        return tags.owner(self.description)


@dataclass(slots=True)
class Listing:
    """All accounts by name; kept in step with what is made and deleted.

    Attributes:
        damaged: Rows that could not be taken apart, because something in them contains the separator or a line's
            end. They are never ours, but what they mention is somebody's.
    """

    accounts: dict[str, Account] = field(default_factory=dict)
    damaged: list[tuple[str, ...]] = field(default_factory=list)

    @classmethod
    def read(cls, answer: Answer, *, with_users: bool = False) -> Listing:
        """Build it from the answer of ``mam-list-accounts``."""
        listing = cls()
        for line in answer.output.split("\n"):
            row = tuple(cell.strip() for cell in line.split("|"))
            if len(row) == (4 if with_users else 3):
                users = parser.users(row[3]) if with_users else None
                listing.accounts[row[0]] = Account(row[0], row[1], row[2], users)
            elif len(row) > 1:
                listing.damaged.append(row)
        return listing

    def find(self, name: str) -> Account | None:
        """An account by its name. Whether MAM tells cases apart differs: an exact match comes first."""
        if name in self.accounts or not name:
            return self.accounts.get(name)
        return next((it for key, it in self.accounts.items() if key.lower() == name.lower()), None)

    def mentions(self, name: str) -> bool:
        """Whether a damaged row may be about that account."""
        return any(name.lower() == cell.lower() for row in self.damaged for cell in row)

    def under(self, organization: str) -> list[str]:
        """The other accounts of an organization."""
        folded = organization.lower()
        return sorted(
            it.name
            for it in self.accounts.values()
            if it.organization.lower() == folded and it.name.lower() != folded
        )

    def is_last(self, organization: str) -> bool:
        """Whether nothing, whoever's, belongs to an organization's account any more."""
        return not self.under(organization) and not self.mentions(organization)

    def add(self, account: Account) -> None:
        """Note what was made."""
        self.accounts[account.name] = account

    def remove(self, name: str) -> None:
        """Note what was deleted."""
        self.accounts.pop(name, None)
