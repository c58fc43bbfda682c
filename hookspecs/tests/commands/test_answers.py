"""What people are shown of a command that failed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from waldur_agent_hookspecs.commands import Answer
from waldur_agent_hookspecs.commands.answers import last_line


@given(st.text())
def test_any_text_has_a_last_line_fit_for_a_message(text: str) -> None:
    line = last_line(text)
    assert "\n" not in line
    assert line.isprintable()


def test_complaints_come_before_output() -> None:
    assert Answer("tool", 1, "out\n", "first\nlast\n\n").failure() == "tool ended with exit status 1: last"
    assert Answer("tool", 1, "out\n", " \n").failure() == "tool ended with exit status 1: out"
    assert Answer("tool", 1, "", "").failure() == "tool ended with exit status 1: it said nothing"
