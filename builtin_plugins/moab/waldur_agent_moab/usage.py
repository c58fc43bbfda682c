"""What accounts were charged within a period."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from waldur_agent_hookspecs import Period, Usage

from . import parser
from .settings import COMPONENT

if TYPE_CHECKING:
    from waldur_agent_hookspecs.commands import Answer

    from .accounting import Accounting

logger = logging.getLogger(__name__)

Charges = Mapping[str, Mapping[str, Decimal]]
"""Account (lower case) to user to the sum of that user's charges; the user of some records may be empty."""


@dataclass(frozen=True, slots=True)
class Window:
    """A period as MAM's commands take it: dates, which every release reads as midnight at their begin.

    Attributes:
        start: The first day.
        end: The first day that does not belong to it.
        zone: The zone in which the commands are to read them; empty for the host's.
    """

    start: date
    end: date
    zone: str

    @classmethod
    def of(cls, period: Period, zone: str) -> Window:
        """Whole days; months are."""
        return cls(period.start.date(), _day_after(period.end), zone)


def _day_after(end: datetime) -> date:
    midnight = end.replace(hour=0, minute=0, second=0, microsecond=0)
    return end.date() if end == midnight else end.date() + timedelta(days=1)


def usage_of(accounting: Accounting, accounts: Collection[str], window: Window) -> dict[str, Usage]:
    """The usage of each of these accounts, by name.

    Raises:
        NotReady: the records could not be read, or a charge in them.
    """
    names = sorted(set(accounts))
    charges = _all_at_once(accounting, names, window) if len(names) > 2 else None
    if charges is None:
        charges = {}
        for name in names:
            charges |= {name.lower(): _of(accounting, name, window)}
    return {name: _usage(charges.get(name.lower(), {})) for name in names}


def _of(accounting: Accounting, account: str, window: Window) -> Mapping[str, Decimal]:
    answer = accounting.charges(account, window.start.isoformat(), window.end.isoformat(), window.zone)
    return _sums(answer).get(account.lower(), {})


def _all_at_once(accounting: Accounting, names: Collection[str], window: Window) -> Charges | None:
    """The charges of all accounts with one command; None where its answer is not borne out.

    No manual says that a listing without an account covers all of them. The first and the last account in it are
    asked for alone: what was left out, or cut off, shows there.
    """
    answer = accounting.all_charges(window.start.isoformat(), window.end.isoformat(), window.zone)
    if answer is None:
        return None
    charges = _sums(answer)
    ours = [account for account in charges if account in {name.lower() for name in names}]
    if not ours:
        return None
    as_written = {name.lower(): name for name in names}
    for account in dict.fromkeys((ours[0], ours[-1])):
        if _of(accounting, as_written[account], window) != charges[account]:
            logger.info(
                "The usage records of all accounts differ from those of %s alone: each is asked for.", account
            )
            return None
    return charges


def _sums(answer: Answer) -> dict[str, dict[str, Decimal]]:
    charges: dict[str, dict[str, Decimal]] = {}
    for account, user, charge in parser.rows(answer, 3):
        # The order of the accounts is that of their last records.
        sums = charges.pop(account.lower(), {})
        sums[user] = sums.get(user, Decimal(0)) + parser.amount(charge, answer)
        charges[account.lower()] = sums
    return charges


def _usage(sums: Mapping[str, Decimal]) -> Usage:
    # Whose refunds outweigh the rest has no figure of his own, but lowers the total.
    members = {user: {COMPONENT: amount} for user, amount in sums.items() if user and amount >= 0}
    rest = sum((amount for user, amount in sums.items() if not user or amount < 0), Decimal(0))
    return Usage(members=members, unattributed={COMPONENT: rest})
