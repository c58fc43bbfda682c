"""How much an order still has to deposit. Pure: from what MAM shows of a fund to one amount, or to doubt.

Deposits add up, so nothing may be deposited twice, and MAM is the only memory: each deposit carries a mark (see
:mod:`.tags`). A release may show every deposit by itself, or only what allocations came to, where a later deposit may
hide in an allocation that keeps the text of the first; or no more than a sum. What may hide is reckoned with.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from waldur_agent_hookspecs import NotReady

from .tags import NO_ORDER, Mark, mark, plain_amount

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Deposit:
    """An amount that was put into a fund, and its description."""

    amount: Decimal
    text: str = ""

    @property
    def mark(self) -> Mark | None:
        """What the agent wrote; None for somebody else's."""
        return mark(self.text)


@dataclass(frozen=True, slots=True)
class Books:
    """What MAM shows of a fund; None for what a release does not tell."""

    transactions: Sequence[Deposit] | None = None
    allocations: Sequence[Deposit] | None = None
    allocated: Decimal | None = None

    def of(self, resource: str) -> list[tuple[Deposit, Mark]]:
        """The deposits of a resource in the best listing, with their marks."""
        return [(it, found) for it in self.best if (found := it.mark) and found.resource == resource]

    def marks(self, resource: str) -> list[Mark]:
        """The marks of a resource, wherever they stand."""
        everywhere = [*(self.transactions or ()), *(self.allocations or ())]
        return [found for it in everywhere if (found := it.mark) and found.resource == resource]

    @property
    def best(self) -> Sequence[Deposit]:
        """The transactions, unless they are silent about what the allocations show."""
        if self.transactions or not self.allocations:
            return self.transactions or ()
        return self.allocations

    @property
    def readable(self) -> bool:
        """Whether anything is known at all."""
        return not (self.transactions is None and self.allocations is None and self.allocated is None)

    @property
    def sum(self) -> Decimal:
        """Everything that was deposited, by whomever."""
        sums = [sum((it.amount for it in part), Decimal(0)) for part in (self.transactions, self.allocations) if part]
        return max([*sums, self.allocated or Decimal(0)])

    def may_hide(self, amount: Decimal) -> bool:
        """Whether a deposit of that amount may be in there without its mark being seen."""
        if self.transactions is None and self.allocations is None:
            return True
        if not self.best:
            return bool(self.allocated)
        # Later deposits may have enlarged any allocation, and each keeps the text of its first.
        if not self.transactions and any(_may_hold(it, amount) for it in self.best):
            return True
        # Where there is no text at all, this release may not keep any.
        return not any(it.text for it in self.best) and any(it.amount == amount for it in self.best)


def _may_hold(allocation: Deposit, amount: Decimal) -> bool:
    """Whether that amount may have come into an allocation after the deposit that gave it its text."""
    first = allocation.mark
    return allocation.amount != first.amount if first else allocation.amount > amount


@dataclass(frozen=True, slots=True)
class Request:
    """What an order asks for.

    Attributes:
        previous: What Waldur held before: what earlier agents, which left no marks, had deposited.
        fresh: Whether it is certain that nothing was deposited for this order yet.
    """

    resource: str
    order: str
    wanted: Decimal
    previous: Decimal = Decimal(0)
    fresh: bool = False

    def deposit(self, amount: Decimal) -> Mark:
        """The mark of the deposit that ends the difference."""
        return Mark(self.order, self.resource, amount, self.wanted)


def due(request: Request, books: Books, account: str) -> Decimal:
    """The amount to deposit: what is wanted less what was deposited for this resource. Negative: too much is there.

    Raises:
        NotReady: it cannot be told whether the order's deposit was made already.
    """
    if not books.readable:
        raise NotReady(
            f"nothing tells what was deposited for {account}: MAM answers neither mam-list-transactions nor "
            "mam-list-allocations nor Allocated of mam-list-funds; nothing is deposited"
        )
    marks = books.marks(request.resource)
    if request.order != NO_ORDER and request.order in {it.order for it in marks}:
        return Decimal(0)
    highest = max((it.total for it in marks), default=Decimal(0))
    difference = request.wanted - max(highest, request.previous)
    if not books.may_hide(difference):
        own = sum((it.amount for it, _ in books.of(request.resource)), Decimal(0))
        return request.wanted - (max(own, highest) if marks else request.previous)
    if difference <= 0 or request.fresh or books.sum < request.wanted:
        return difference
    return _hidden(request, books.sum, account)


def _hidden(request: Request, total: Decimal, account: str) -> Decimal:
    """What is due where a deposit of this very order may be part of a sum."""
    wanted = plain_amount(request.wanted)
    if total == request.wanted:
        logger.warning("%s: its fund shows deposits of %s, as ordered: taken as made already", account, wanted)
        return Decimal(0)
    raise NotReady(
        f"{account} has deposits of {plain_amount(total)}, more than the {wanted} ordered, and this MAM does not "
        f"show which are the agent's: it cannot be told whether order {request.order} was deposited; if it was, "
        "set the order done in Waldur, else deposit by hand and set it done"
    )
