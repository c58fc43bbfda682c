"""Takes the answers of ``mam-list-*`` (``--raw --quiet``) apart: a row per line, ``|`` between the columns.

Some releases say in words that there is nothing: a line without ``|`` is no row, whatever it says.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from waldur_agent_hookspecs import NotReady

from .deposits import Deposit

if TYPE_CHECKING:
    from waldur_agent_hookspecs.commands import Answer


def rows(answer: Answer, columns: int) -> list[list[str]]:
    """The rows of an answer. The last column takes what is too much: descriptions of others may contain ``|``.

    Raises:
        NotReady: a row has too few columns.
    """
    found = [line.split("|", columns - 1) for line in answer.output.split("\n") if "|" in line]
    for row in found:
        if len(row) < columns:
            raise NotReady(f"{answer.command} answered a row of {len(row)} instead of {columns} columns: {row}")
    return [[cell.strip() for cell in row] for row in found]


def amount(text: str, answer: Answer) -> Decimal:
    """An amount: plain or with an exponent, also negative.

    Raises:
        NotReady: it is none.
    """
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise NotReady(f"{answer.command} answered {text!r} where an amount was expected")
    return number


def fund_id(text: str, answer: Answer) -> int:
    """The id of a fund.

    Raises:
        NotReady: it is none.
    """
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise NotReady(f"{answer.command} answered {text!r} where the id of a fund was expected")
    return int(text)


def users(text: str) -> frozenset[str]:
    """The names in a column of users: ``^`` marks who administers the account, ``+`` and ``-`` who is active."""
    return frozenset(name.lstrip("^+-") for name in re.split(r"[,\s]+", text) if name.lstrip("^+-"))


def constrained_to(constraints: str) -> frozenset[str]:
    """The accounts, in lower case, that may draw from a fund; empty where any may."""
    parts = [part.partition("=") for part in re.split(r"[,;\s]+", constraints)]
    return frozenset(value.lower() for name, _, value in parts if name.lower() == "account" and value)


def deposited(answer: Answer, fund: int) -> list[Deposit]:
    """The deposits among a fund's transactions: columns Object, Action, Fund, Amount, Time, Description.

    Raises:
        NotReady: the answer cannot be understood.
    """
    return [
        Deposit(amount(row[3], answer), row[5])
        for row in rows(answer, 6)
        if row[1].lower() == "deposit" and row[2] in {str(fund), ""}
    ]


def allocated(answer: Answer) -> list[Deposit]:
    """What the allocations of a fund came to: columns Id, Fund, Amount, Deposited, Description.

    Raises:
        NotReady: the answer cannot be understood.
    """
    return [Deposit(amount(row[3], answer), row[4]) for row in rows(answer, 5)]
