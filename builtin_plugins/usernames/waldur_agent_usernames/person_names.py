"""The parts of a person's name, as far as a local name can be made of them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Self

from anyascii import anyascii
from waldur_agent_hookspecs import User

PARTICLE: Final = re.compile(
    r"af|al|av|bin|bint|da|das|de|del|della|den|der|di|do|dos|du|el|ibn|la|las|le|los|ten|ter|van|von|zu|zum|zur",
    re.IGNORECASE,
)
"""A word that belongs to the family name behind it, unless a name begins with it."""

_NEITHER_LETTER_NOR_DIGIT = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class NameParts:
    """What a pattern can use. Each part holds nothing but ``a-z`` and ``0-9``, and may be empty.

    Attributes:
        first: The first of the given names; empty where a person has a single name.
        last: The family name with its particles, or the single name.
        full: The whole name.
        login: The Waldur user name; of an e-mail address, what is before the ``@``.
    """

    first: str
    last: str
    full: str
    login: str

    @classmethod
    def of(cls, user: User) -> Self:
        """Read a person. First and last name come from Waldur where it tells both, else from the full name."""
        given, family = user.first_name, user.last_name
        if not (ascii_letters(given) and ascii_letters(family)):
            whole = user.full_name if ascii_letters(user.full_name) else f"{given} {family}"
            given, family = split_name(whole)
        return cls(
            first=next(filter(None, map(ascii_letters, given.split())), ""),
            last=ascii_letters(family),
            full=ascii_letters(user.full_name) or ascii_letters(given + family),
            login=ascii_letters(user.login.split("@")[0]),
        )


def split_name(whole: str) -> tuple[str, str]:
    """Given names and family name: "Vincent Willem van Gogh", "Gogh, Vincent". A single name is a family name."""
    family, comma, given = whole.partition(",")
    if comma and ascii_letters(family) and ascii_letters(given):
        return given, family
    words = [word for word in whole.replace(",", " ").split() if ascii_letters(word)]
    start = len(words) - 1
    while start > 1 and PARTICLE.fullmatch(words[start - 1]):
        start -= 1
    return " ".join(words[:start]), " ".join(words[start:])


def ascii_letters(text: str) -> str:
    """Write ``text`` in ``a-z`` and ``0-9``; what has no counterpart there, hyphens and blanks are left out."""
    # Composed first: two spellings of one letter that look alike have to give one name.
    return _NEITHER_LETTER_NOR_DIGIT.sub("", anyascii(unicodedata.normalize("NFC", text)).lower())
