"""Tags in descriptions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from waldur_agent_slurm.tags import MAX_NAME, description, owner, plain_text

UUID = "0123456789abcdef0123456789abcdef"
OTHER = "f" * 32


@given(st.text())
def test_the_tag_is_found_again_whatever_the_name_is(name: str) -> None:
    text = description(name, UUID)
    assert owner(text) == UUID
    assert owner(text.lower()) == UUID  # as slurmdbd keeps it


@given(st.text())
def test_nothing_in_a_description_can_end_a_value_or_a_line_of_a_load_file(name: str) -> None:
    text = description(name, UUID)
    assert not set("'\"`\\|#\n\r\t\0") & set(text)
    assert text.isprintable()
    assert len(text) <= MAX_NAME + 50


def test_letters_of_all_languages_stay() -> None:
    assert plain_text("Größe 漢字 😀  'x'\n#1 a=b") == "Größe 漢字 😀 x 1 a=b"


def test_a_name_that_pretends_to_be_a_tag_is_not_one() -> None:
    assert owner(description(f"Mine (waldur {OTHER})", UUID)) == UUID


@pytest.mark.parametrize(
    "text",
    ["", "climate", f"(waldur {UUID}) by hand", f"(waldur {UUID[:-1]})", f"waldur {UUID}", f"(waldur {UUID}0)"],
)
def test_what_is_no_tag_belongs_to_nobody(text: str) -> None:
    assert owner(text) == ""
