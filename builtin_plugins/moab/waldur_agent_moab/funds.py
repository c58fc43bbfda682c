"""Which fund is an account's own: the one from which this account, and no other, may draw."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .accounting import Accounting, Fund
    from .listing import Account

logger = logging.getLogger(__name__)


def own_funds(accounting: Accounting, account: str, beside: str) -> list[Fund]:
    """The funds of one account by id, smallest first.

    MAM shows an account every fund that it may draw from, also one that is open to all. Where a release does not tell
    who may draw, a fund that is shown for another account (``beside``) as well is taken for such.

    Raises:
        NotReady: they could not be read.
    """
    shown = accounting.funds(account)
    if all(fund.accounts is not None for fund in shown):
        return [fund for fund in shown if fund.accounts == frozenset({account.lower()})]
    if not beside or beside.lower() == account.lower():
        return shown
    open_to_all = {fund.id for fund in accounting.funds(beside)}
    return [fund for fund in shown if fund.id not in open_to_all]


def own_fund(accounting: Accounting, account: Account) -> Fund | None:
    """The fund into which the agent deposits: of several the oldest, which it made with the account.

    Raises:
        NotReady: they could not be read.
    """
    found = own_funds(accounting, account.name, account.organization)
    if len(found) > 1:
        ids = ", ".join(str(fund.id) for fund in found)
        logger.info("The account %s has the funds %s; the first is used.", account.name, ids)
    return found[0] if found else None
