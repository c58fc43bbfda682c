from __future__ import annotations

import pytest
from waldur_agent_usernames.pattern import DEFAULT, checked, fill_in
from waldur_agent_usernames.person_names import NameParts

JANE = NameParts("jane", "vandoe", "janevandoe", "jd")
PLATO = NameParts("", "plato", "plato", "")


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        (DEFAULT, "jvandoe"),
        ("{first}.{last}", "jane.vandoe"),
        ("{last:.3}{first:.2}", "vanja"),
        ("{full}", "janevandoe"),
        ("hpc_{login}", "hpc_jd"),
        ("{login:x<4}", "jdxx"),
        ("{login:0>6.1}{last}", "jvandoe"),
        ("{first:s}", "jane"),
        ("{last}-", "vandoe"),
        ("{last:z<99}", "vandoe" + 26 * "z"),
    ],
)
def test_a_pattern_puts_parts_of_a_name_together(pattern: str, name: str) -> None:
    assert fill_in(checked(pattern), JANE) == name


@pytest.mark.parametrize("pattern", [DEFAULT, "{first}.{last}", "{first}", "{last}_{first}", "{full}"])
def test_a_single_name_fills_every_pattern(pattern: str) -> None:
    assert fill_in(checked(pattern), PLATO) == "plato"


@pytest.mark.parametrize("pattern", ["{login}", "hpc_{login}", "{login:x<8}"])
def test_who_has_nothing_that_the_pattern_uses_gets_no_name(pattern: str) -> None:
    assert fill_in(checked(pattern), PLATO) == ""


def test_a_name_begins_with_a_letter() -> None:
    assert fill_in("{full}", NameParts("", "", "007bond", "")) == "bond"
    assert fill_in("{full}", NameParts("", "", "007", "")) == ""


@pytest.mark.parametrize(
    ("pattern", "complaint"),
    [
        ("", "has no field"),
        ("user", "has no field"),
        ("{middle}", "{middle} is no field; the fields are {first}, {last}, {full}, {login}"),
        ("{}", "{} is no field"),
        ("{0}", "{0} is no field"),
        ("{ first}", "{ first} is no field"),
        ("{first.__class__}", "nothing of them can be reached with '.' or '['"),
        ("{first.__class__.__mro__[1].__subclasses__}", "is no field"),
        ("{last[0]}", "is no field"),
        ("{first!r}", "{first!r} converts the field"),
        ("{first!s}", "converts the field"),
        ("{first!x}", "converts the field"),
        ("{first:{last}}", "is not understood"),
        ("{first:>999999999}", "is not understood"),
        ("{first:x<100}", "is not understood"),
        ("{first:8}", "is not understood"),
        ("{first: <8}", "is not understood"),
        ("{first:é<8}", "is not understood"),
        ("{first:.0}", "is not understood"),
        ("{first:d}", "is not understood"),
        ("{first:,}", "is not understood"),
        ("{first:x=8}", "is not understood"),
        ("{first:.1\n}", "is not understood"),
        ("{first", "is no pattern"),
        ("first}", "is no pattern"),
        ("{{first}}", "only a-z"),
        ("{{{first}", "not '{'"),
        ("{first} {last}", "not ' '"),
        ("{first}/{last}", "not '/'"),
        ("{first}\n", "only a-z"),
        ("HPC{first}", "only a-z"),
        ("ü{first}", "only a-z"),
        ("-{first}", "begins with a letter, not with '-'"),
        ("1{first}", "begins with a letter, not with '1'"),
        ("abcdefghi{first}jklmnopq", "at most 16 characters"),
    ],
)
def test_what_is_no_pattern_is_refused(pattern: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        checked(pattern)
    assert complaint in str(refused.value)
