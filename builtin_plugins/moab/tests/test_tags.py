from __future__ import annotations

from decimal import Decimal

import pytest
from waldur_agent_moab.tags import Mark, description, mark, owner, plain_amount, plain_text

UUID = "0f" * 16


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Ocean currents of 2026", "Ocean currents of 2026"),
        ("a|b\nc\td", "a b c d"),
        ("--show Name", "show Name"),
        ("+x", "x"),
        ("Ünïcode: ok", "Ünïcode: ok"),
        ("x" * 200, "x" * 100),
        ("", ""),
    ],
)
def test_a_name_becomes_fit_for_a_column(text: str, plain: str) -> None:
    assert plain_text(text) == plain


@pytest.mark.parametrize("name", ["Ocean", "", "a|b", "(waldur not-this)"])
def test_whose_an_account_is_can_be_read_back(name: str) -> None:
    assert owner(description(name, UUID)) == UUID


@pytest.mark.parametrize("text", ["Ocean", "", "waldur 0f0f", f"(waldur {UUID}) and more", "(waldur 0f)"])
def test_other_descriptions_name_nobody(text: str) -> None:
    assert owner(text) == ""


def test_a_mark_can_be_read_back_also_out_of_other_text() -> None:
    written = Mark("1" * 32, UUID, Decimal("0.50"), Decimal("150.50"))
    assert str(written) == f"waldur order {'1' * 32} resource {UUID} amount 0.5 total 150.5"
    assert mark(str(written)) == written
    assert mark(f"Deposit: {str(written).upper()} ") == written


def test_a_mark_that_was_cut_still_names_its_order() -> None:
    text = str(Mark("1" * 32, UUID, Decimal(50), Decimal(150)))
    assert mark(text[:87]) == Mark("1" * 32, UUID, Decimal(0), Decimal(0))
    assert mark(text[:40]) is None
    assert mark("by hand") is None


@pytest.mark.parametrize(
    ("amount", "plain"), [("100", "100"), ("1E+3", "1000"), ("100.000000", "100"), ("0.10", "0.1"), ("1E-2", "0.01")]
)
def test_amounts_have_no_exponent(amount: str, plain: str) -> None:
    assert plain_amount(Decimal(amount)) == plain
