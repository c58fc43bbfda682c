from __future__ import annotations

from itertools import islice

import pytest
from waldur_agent_usernames.local_names import MOST_NAMESAKES, is_local_name, numbered, shortened


@pytest.mark.parametrize("name", ["jdoe", "j", "_jdoe", "jane.doe-2", "j" * 32])
def test_a_local_name(name: str) -> None:
    assert is_local_name(name)


@pytest.mark.parametrize(
    "name", ["", " ", "JDoe", "jdoe ", "jdoe\n", "-jdoe", ".jdoe", "2jdoe", "j/doe", "j@doe", "jöe", "j" * 33]
)
def test_no_local_name(name: str) -> None:
    assert not is_local_name(name)


@pytest.mark.parametrize(
    ("text", "name"), [("jdoe", "jdoe"), (".1jdoe-", "jdoe"), ("a" * 31 + ".b", "a" * 31), ("--", ""), ("12", "")]
)
def test_what_cannot_begin_or_end_a_name_is_cut_off(text: str, name: str) -> None:
    assert shortened(text) == name


def test_namesakes_are_numbered_from_two_on() -> None:
    assert list(islice(numbered("jdoe"), 4)) == ["jdoe", "jdoe2", "jdoe3", "jdoe4"]


def test_a_long_name_gives_up_letters_for_its_number() -> None:
    names = list(numbered("a" * 29 + ".bc"))
    assert names[:2] == ["a" * 29 + ".bc", "a" * 29 + ".b2"]
    assert names[8:10] == ["a" * 29 + ".b9", "a" * 29 + "10"]
    assert len(names) == len(set(names)) == MOST_NAMESAKES
    assert {len(name) for name in names} <= {31, 32}
