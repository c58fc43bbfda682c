"""What the agent writes into descriptions, and reads back: whose an account is, and for which order a deposit is.

An account: ``Climate 2026 (waldur 0f3c…)``, with the UUID of the resource or project that it was made for.
A deposit: ``waldur order 6f0c… resource 0f3c… amount 50 total 150``; the total is what the resource's deposits come
to with this one, so that one mark is enough to know them all.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

MAX_NAME: Final = 100
NO_ORDER: Final = "none"
"""Stands in a mark for the UUID of the order where there is none."""

_TAG: Final = re.compile(r"\(waldur ([0-9a-f]{32})\)\s*$", re.IGNORECASE)
_MARK: Final = re.compile(
    r"\bwaldur order ([0-9a-f-]+|none) resource ([0-9a-f]+)(?: amount ([0-9]+(?:\.[0-9]+)?))?"
    r"(?: total ([0-9]+(?:\.[0-9]+)?))?\b",
    re.IGNORECASE,
)


def plain_text(text: str) -> str:
    """Make a name from Waldur fit for a column: no separators, no control characters, nothing like an option."""
    kept = (
        " " if character == "|" or unicodedata.category(character)[0] in "CZ" else character for character in text
    )
    return " ".join("".join(kept).split()).lstrip("-+ ")[:MAX_NAME].strip()


def description(name: str, uuid: str) -> str:
    """The description of a new account: the name in Waldur, and whose account it is."""
    return f"{plain_text(name)} (waldur {uuid})".strip()


def owner(text: str) -> str:
    """The UUID in an account's description; empty where there is no tag."""
    match = _TAG.search(text)
    return match.group(1).lower() if match else ""


def plain_amount(amount: Decimal) -> str:
    """An amount as commands take it: neither an exponent nor zeros at the end."""
    return f"{amount.normalize():f}"


@dataclass(frozen=True, slots=True)
class Mark:
    """What a deposit's description says of it. ``order`` is :data:`NO_ORDER` where no order is behind it."""

    order: str
    resource: str
    amount: Decimal
    total: Decimal

    def __str__(self) -> str:
        amounts = f"amount {plain_amount(self.amount)} total {plain_amount(self.total)}"
        return f"waldur order {self.order} resource {self.resource} {amounts}"


def mark(text: str) -> Mark | None:
    """Read a deposit's description; None where the agent did not write it. Amounts that were cut off are 0."""
    found = _MARK.search(text)
    if found is None:
        return None
    order, resource, amount, total = found.groups(default="0")
    return Mark(order.lower(), resource.lower(), Decimal(amount), Decimal(total))
