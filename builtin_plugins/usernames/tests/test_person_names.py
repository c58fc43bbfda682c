from __future__ import annotations

import unicodedata

import pytest
from waldur_agent_hookspecs import User
from waldur_agent_usernames.person_names import NameParts, ascii_letters, split_name

UUID = "1a1b2c3d4e5f60718293a4b5c6d7e8f9"


@pytest.mark.parametrize(
    ("whole", "given", "family"),
    [
        ("Jane Doe", "Jane", "Doe"),
        ("Johann Sebastian Bach", "Johann Sebastian", "Bach"),
        ("Vincent Willem van Gogh", "Vincent Willem", "van Gogh"),
        ("Rafael van der Vaart", "Rafael", "van der Vaart"),
        ("Dick Van Dyke", "Dick", "Van Dyke"),
        ("Juan de la Cruz", "Juan", "de la Cruz"),
        ("Van Morrison", "Van", "Morrison"),
        ("van der Berg", "van", "der Berg"),
        ("John E Smith", "John E", "Smith"),
        ("Gogh, Vincent Willem", "Vincent Willem", "Gogh"),
        ("Plato", "", "Plato"),
        ("Plato,", "", "Plato"),
        (", Plato", "", "Plato"),
        ("Jane ? Doe", "Jane", "Doe"),
        ("  ", "", ""),
        ("?!", "", ""),
    ],
)
def test_a_whole_name_is_split_before_the_family_name(whole: str, given: str, family: str) -> None:
    assert tuple(part.strip() for part in split_name(whole)) == (given, family)


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("O'Neil", "oneil"),
        ("O\N{RIGHT SINGLE QUOTATION MARK}Neil", "oneil"),
        ("Smith-Jones", "smithjones"),
        ("Müller", "muller"),
        ("Łukasz", "lukasz"),
        ("İlkay", "ilkay"),
        ("Straße", "strasse"),
        ("Щербаков", "shcherbakov"),
        ("Ελένη", "eleni"),
        ("李小龙", "lixiaolong"),
        ("\ud800", ""),
        ("\0jane\n", "jane"),
    ],
)
def test_every_script_becomes_small_ascii_letters(text: str, letters: str) -> None:
    assert ascii_letters(text) == letters


@pytest.mark.parametrize("name", ["Йорданов", "ごとう", "Zoë"])
def test_two_spellings_that_look_alike_are_one(name: str) -> None:
    assert ascii_letters(unicodedata.normalize("NFD", name)) == ascii_letters(name)


def test_what_waldur_tells_of_first_and_last_name_comes_before_the_full_name() -> None:
    user = User(UUID, first_name="Gabriel José", last_name="García Márquez", full_name="Gabo Márquez")
    assert NameParts.of(user) == NameParts("gabriel", "garciamarquez", "gabomarquez", "")


@pytest.mark.parametrize("missing", ["", "-", " "])
def test_half_a_name_gives_way_to_the_full_name(missing: str) -> None:
    user = User(UUID, first_name=missing, last_name="Doe", full_name="Jane Mary Smith")
    assert NameParts.of(user) == NameParts("jane", "smith", "janemarysmith", "")


def test_half_a_name_is_better_than_none() -> None:
    assert NameParts.of(User(UUID, first_name="Jane Mary")) == NameParts("jane", "mary", "janemary", "")
    assert NameParts.of(User(UUID, last_name="Doe", full_name="??")) == NameParts("", "doe", "doe", "")


@pytest.mark.parametrize(("login", "part"), [("Jane.Doe@example.org", "janedoe"), ("jdoe", "jdoe"), ("@x", "")])
def test_a_login_is_used_up_to_its_at_sign(login: str, part: str) -> None:
    assert NameParts.of(User(UUID, login=login)).login == part
