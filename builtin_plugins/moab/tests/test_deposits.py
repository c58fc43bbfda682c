"""What is due: every way in which a release may show earlier deposits, and doubt where it cannot be told."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from waldur_agent_hookspecs import NotReady
from waldur_agent_moab.deposits import Books, Deposit, Request, due
from waldur_agent_moab.tags import Mark

US, OTHERS = "a" * 32, "b" * 32
FIRST, SECOND = "1" * 32, "2" * 32


def ours(order: str, amount: object, total: object, *, shown: object = None, resource: str = US) -> Deposit:
    mark = Mark(order, resource, Decimal(str(amount)), Decimal(str(total)))
    return Deposit(Decimal(str(amount if shown is None else shown)), str(mark))


def hand(amount: object, text: str = "") -> Deposit:
    return Deposit(Decimal(str(amount)), text)


def asked(wanted: object = 150, previous: object = 100, *, order: str = SECOND, fresh: bool = False) -> Request:
    return Request(US, order, Decimal(str(wanted)), Decimal(str(previous)), fresh)


CREATED = ours(FIRST, 100, 100)

CERTAIN = {
    "nothing yet": (asked(100, 0), Books([], []), 100),
    "the order's own": (asked(), Books([CREATED, ours(SECOND, 50, 150)]), 0),
    "the order's own, only in allocations": (asked(), Books(None, [CREATED, ours(SECOND, 50, 150)]), 0),
    "the order's own, enlarged by hand": (
        asked(100, 0, order=FIRST),
        Books(None, [ours(FIRST, 100, 100, shown=180)]),
        0,
    ),
    "an earlier one": (asked(), Books([CREATED]), 50),
    "by hand does not count": (asked(), Books([CREATED, hand(30)]), 50),
    "by hand as much as ordered": (asked(), Books([hand(50), CREATED]), 50),
    "another resource's does not count": (asked(100, 0), Books([ours(FIRST, 100, 100, resource=OTHERS)]), 100),
    "less than there is": (asked(80), Books([CREATED]), -20),
    "down and up again": (asked(120, 80), Books([CREATED]), 20),
    "fractions": (asked("100.30", 100), Books([CREATED]), Decimal("0.30")),
    "made by an earlier agent, without marks": (asked(), Books([hand(100, "x")]), 50),
    "made by an earlier agent, then by this": (asked(200, 150), Books([hand(100), ours(FIRST, 50, 150)]), 50),
    "old transactions are gone": (asked(200, 150), Books([ours(FIRST, 50, 150)]), 50),
    "by hand before, without a word": (asked(100, 0), Books([hand(1000)]), 100),
    "each in its own allocation": (asked(), Books(None, [CREATED, hand(50)]), 50),
    "transactions without a word, allocations with": (asked(), Books([], [CREATED]), 50),
}

HIDDEN = {
    "one allocation, nothing came in since": (asked(), Books(None, [ours(FIRST, 100, 100)]), 50),
    "one allocation, as much as ordered": (asked(), Books(None, [ours(FIRST, 100, 100, shown=150)]), 0),
    "one allocation, less than ordered": (asked(), Books(None, [ours(FIRST, 100, 100, shown=130)]), 50),
    "one allocation by hand": (asked(100, 0), Books(None, [hand(30)]), 100),
    "an earlier agent's, one by hand beside": (asked(), Books(None, [hand(100, "x"), hand(30, "courtesy")]), 50),
    "a sum, before": (asked(), Books(allocated=Decimal(100)), 50),
    "a sum, after": (asked(), Books(allocated=Decimal(150)), 0),
    "a sum of nothing": (asked(100, 0), Books(allocated=Decimal(0)), 100),
    "transactions without texts": (asked(), Books([hand(100), hand(50)]), 0),
    "allocations without texts": (asked(), Books(None, [hand(100), hand(50)]), 0),
    "certain by other means": (asked(fresh=True), Books(None, [ours(FIRST, 100, 100, shown=180)]), 50),
    "certain, with as much by hand": (asked(fresh=True), Books(allocated=Decimal(150)), 50),
}

DOUBT = {
    "nothing can be read": (asked(), Books()),
    "nothing can be read, though certain": (asked(fresh=True), Books()),
    "one allocation, more than ordered": (asked(), Books(None, [ours(FIRST, 100, 100, shown=180)])),
    "one allocation by hand, more than ordered": (asked(100, 0), Books(None, [hand(130)])),
    "no texts, and as much as is due": (asked(), Books([hand(100), hand(50), hand(1)])),
    "enlarged, beside one by hand": (asked(), Books(None, [hand(150, "by an earlier agent"), hand(30, "courtesy")])),
    "one by hand enlarged, beside ours": (asked(), Books(None, [hand(80, "courtesy"), CREATED])),
    "a silent list and a sum, more than ordered": (asked(), Books([], None, Decimal(151))),
    "a sum, more than ordered": (asked(), Books(allocated=Decimal(151))),
}


@pytest.mark.parametrize(
    ("request_", "books", "amount"), [*CERTAIN.values(), *HIDDEN.values()], ids=[*CERTAIN, *HIDDEN]
)
def test_what_is_due(request_: Request, books: Books, amount: Decimal) -> None:
    assert due(request_, books, "a_x") == amount


@pytest.mark.parametrize(("request_", "books"), DOUBT.values(), ids=DOUBT.keys())
def test_in_doubt_nothing_is_due(request_: Request, books: Books) -> None:
    with pytest.raises(NotReady, match="a_x"):
        due(request_, books, "a_x")


amounts = st.integers(1, 10**6).map(lambda cents: Decimal(cents) / 100)
steps = st.lists(st.tuples(st.sampled_from(["order", "hand"]), amounts), min_size=1, max_size=12)


@given(steps, st.sampled_from(["transactions", "allocations", "both"]))
def test_whatever_comes_before_the_sum_of_ours_is_the_highest_amount_ordered(
    history: list[tuple[str, Decimal]], kept: str
) -> None:
    # Less than anything ordered: of one allocation that is just as much it could not be told whose it is.
    shown: list[Deposit] = [hand("0.005", "a separate one")]
    previous = highest = Decimal(0)
    for number, (who, amount) in enumerate(history):
        if who == "hand":
            shown.append(hand(amount))
            continue
        books = Books(shown if kept != "allocations" else None, shown if kept != "transactions" else None)
        # Allocations that somebody made may hide a deposit, unless the order is new to this very process.
        request = Request(US, f"{number:032}", amount, previous, fresh=kept == "allocations")
        difference = due(request, books, "a_x")
        if difference > 0:
            shown.append(Deposit(difference, str(request.deposit(difference))))
        previous, highest = amount, max(highest, amount)
        assert due(request, books, "a_x") <= 0
    assert sum(it.amount for it in shown if it.mark) == highest
