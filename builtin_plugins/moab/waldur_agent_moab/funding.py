"""Deposits what an order still has to deposit, and remembers it in MAM itself."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from waldur_agent_hookspecs import NotReady
from waldur_agent_hookspecs.commands import CommandFailed

from .deposits import Books, Request, due
from .funds import own_funds
from .settings import COMPONENT
from .tags import NO_ORDER, plain_amount

if TYPE_CHECKING:
    from waldur_agent_hookspecs import SetLimits

    from .accounting import Accounting
    from .listing import Account

logger = logging.getLogger(__name__)

_NO_SUCH_OPTION: Final = re.compile(r"option|usage|argument|unrecogni[sz]ed", re.IGNORECASE)


@dataclass(slots=True)
class Funding:
    """Deposits for orders.

    Attributes:
        fresh: Orders of which it is certain that nothing was deposited for them yet.
    """

    accounting: Accounting
    fresh: set[str] = field(default_factory=set)

    def deposit(self, account: Account, change: SetLimits) -> bool:
        """Deposit the difference to what was deposited for this resource before; False where there is none.

        Raises:
            NotReady: MAM could not be read, a deposit may or may not have been made, or it was refused.
        """
        wanted = change.limits.wanted.get(COMPONENT)
        if wanted is None or wanted <= 0:
            if wanted:
                logger.warning("%s: a deposit of %s is ordered: skipped", account.name, plain_amount(wanted))
            return False
        request = Request(
            resource=change.ref.resource_uuid,
            order=change.limits.order.lower() or NO_ORDER,
            wanted=wanted,
            previous=change.limits.previous.get(COMPONENT, Decimal(0)),
            fresh=change.limits.order in self.fresh,
        )
        return self._deposit(account, request)

    def _deposit(self, account: Account, request: Request) -> bool:
        fund, books = self._look(account)
        amount = due(request, books, account.name)
        if amount < 0:
            logger.warning(
                "%s: %s is ordered, but %s more was deposited already; nothing is taken back",
                account.name,
                plain_amount(request.wanted),
                plain_amount(-amount),
            )
        if amount <= 0:
            return False
        self.fresh.discard(request.order)
        mark = request.deposit(amount)
        try:
            self.accounting.deposit(account.name, fund, plain_amount(amount), mark)
        except CommandFailed as error:
            # Once more without a mark, where MAM takes none and nothing was deposited by the attempt.
            if not _NO_SUCH_OPTION.search(error.answer.said) or self._look(account)[1].sum != books.sum:
                raise
            logger.warning("%s: this MAM takes no description of a deposit: %s", account.name, error)
            self.accounting.deposit(account.name, fund, plain_amount(amount), None)
        return True

    def _look(self, account: Account) -> tuple[int | str, Books]:
        """The fund to deposit into, and what was deposited into all that are the account's own."""
        if self.accounting.would_make(account.name):
            return "FUND", Books((), (), Decimal(0))
        funds = own_funds(self.accounting, account.name, account.organization)
        if not funds:
            raise NotReady(
                f"the account {account.name} has no fund of its own to deposit into; "
                f"make one with mam-create-fund -a {account.name}"
            )
        read = [self._books(fund.id) for fund in funds]
        return funds[0].id, _together(read)

    def _books(self, fund: int) -> Books:
        transactions, allocations = self.accounting.transactions(fund), self.accounting.allocations(fund)
        unknown = not transactions and not allocations
        return Books(transactions, allocations, self.accounting.allocated(fund) if unknown else None)


def _together(books: list[Books]) -> Books:
    """Several funds as one: a mark counts wherever it stands."""
    if len(books) == 1:
        return books[0]
    transactions = [it.transactions for it in books]
    allocations = [it.allocations for it in books]
    sums = [it.allocated for it in books]
    return Books(
        None if None in transactions else [one for part in transactions for one in part or ()],
        None if None in allocations else [one for part in allocations for one in part or ()],
        None if None in sums else sum((one for one in sums if one is not None), Decimal(0)),
    )
