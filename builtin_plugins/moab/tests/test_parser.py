from __future__ import annotations

from decimal import Decimal

import pytest
from waldur_agent_hookspecs import NotReady
from waldur_agent_hookspecs.commands import Answer
from waldur_agent_moab import parser


def answer(output: str) -> Answer:
    return Answer("mam-list-x", 0, output, "")


def test_only_lines_with_a_separator_are_rows() -> None:
    assert parser.rows(answer("No users were found\n\n"), 2) == []
    assert parser.rows(answer("jdoe|a_x\nasmith|\n"), 2) == [["jdoe", "a_x"], ["asmith", ""]]


def test_the_last_column_takes_what_is_too_much() -> None:
    assert parser.rows(answer("1|a|b|c\n"), 2) == [["1", "a|b|c"]]


def test_a_row_that_was_cut_off_is_no_answer() -> None:
    with pytest.raises(NotReady, match="2 instead of 3 columns"):
        parser.rows(answer("a_x|jdoe|1\na_x|jd"), 3)


@pytest.mark.parametrize(
    ("text", "amount"), [("12.5", "12.5"), ("-3", "-3"), ("1.5e3", "1500"), ("2E-2", "0.02"), ("0", "0")]
)
def test_amounts(text: str, amount: str) -> None:
    assert parser.amount(text, answer("")) == Decimal(amount)


@pytest.mark.parametrize("text", ["", "NaN", "inf", "1,5", "n/a"])
def test_what_is_no_amount_is_no_answer(text: str) -> None:
    with pytest.raises(NotReady, match="where an amount was expected"):
        parser.amount(text, answer(""))


@pytest.mark.parametrize("text", ["No funds", "", "-1", "4 2", "1.0", "٤"])
def test_what_is_no_id_is_told(text: str) -> None:
    with pytest.raises(NotReady, match="where the id of a fund was expected"):
        parser.fund_id(text, answer(""))


def test_users_have_signs() -> None:
    assert parser.users("^amy,+bob,-joe") == {"amy", "bob", "joe"}
    assert parser.users("") == frozenset()


@pytest.mark.parametrize(
    ("text", "accounts"),
    [("Account=a_X", {"a_x"}), ("", set()), ("User=amy,Account=a", {"a"}), ("Account=a;Account=b", {"a", "b"})],
)
def test_constraints(text: str, accounts: set[str]) -> None:
    assert parser.constrained_to(text) == accounts


def test_only_deposits_into_the_fund_itself_count() -> None:
    lines = (
        "Fund|Deposit|42|100|2026-03-01 10:00:00|with a | in it\n"
        "Fund|Withdraw|42|7|2026-03-01 10:00:00|\n"
        "Fund|Deposit|43|5|2026-03-01 10:00:00|\n"
    )
    (only,) = parser.deposited(answer(lines), 42)
    assert (only.amount, only.text) == (Decimal(100), "with a | in it")
