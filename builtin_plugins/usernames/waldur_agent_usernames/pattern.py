"""The pattern of ``username_pattern``: which parts of a person's name make the local name.

It is a Python format string of which only the harmless part is let through, when the configuration is read: the
named fields, cut or filled. Names of persons are only ever put in, never read as a format.
"""

from __future__ import annotations

import re
from dataclasses import asdict
from string import Formatter
from typing import Final

from .local_names import LONGEST, shortened
from .person_names import NameParts

DEFAULT: Final = "{first:.1}{last}"

FIELDS: Final = ("first", "last", "full", "login")

_LITERAL = re.compile(r"[a-z0-9_.-]*")
_SPEC = re.compile(r"([a-z0-9_.-][<>^][1-9]\d?)?(\.[1-9]\d?)?s?")
_MOST_LITERAL: Final = LONGEST // 2


def checked(pattern: str) -> str:
    """Give a pattern back that can be used.

    Raises:
        ValueError: it cannot; the text says why and what is allowed.
    """
    pieces = _pieces(pattern)
    for _, field, spec, conversion in pieces:
        if field is not None:
            _check_field(field, spec or "", conversion)
    literal = "".join(text for text, *_ in pieces)
    if not _LITERAL.fullmatch(literal):
        raise ValueError(f"only a-z, 0-9, '_', '.' and '-' can stand around the fields, not {literal!r}")
    if len(literal) > _MOST_LITERAL:
        raise ValueError(f"at most {_MOST_LITERAL} characters around the fields leave room for a person's name")
    if pieces and pieces[0][0] and not pieces[0][0][0].isalpha():
        raise ValueError(f"a local name begins with a letter, not with {pieces[0][0][0]!r}")
    if not _fields(pattern):
        raise ValueError(f"has no field, so that everybody would be called the same; {_ALLOWED}")
    return pattern


def fill_in(pattern: str, parts: NameParts) -> str:
    """The name that a checked pattern makes for a person; empty where the person has nothing that it uses.

    It begins with a letter and holds ``a-z``, ``0-9`` and what the pattern adds, at most 32 characters.
    """
    used = _fields(pattern)
    # Who has a single name is not left without one by a pattern that asks for first names only.
    first = parts.first if "last" in used else parts.first or parts.last
    values = asdict(parts) | {"first": first}
    if not any(values[field] for field in used):
        return ""
    return shortened(pattern.format_map(values))


_ALLOWED: Final = "the fields are " + ", ".join(f"{{{field}}}" for field in FIELDS)


def _pieces(pattern: str) -> list[tuple[str, str | None, str | None, str | None]]:
    try:
        return list(Formatter().parse(pattern))
    except ValueError as error:
        raise ValueError(f"is no pattern: {error}; {_ALLOWED}, as in {DEFAULT!r}") from error


def _check_field(field: str, spec: str, conversion: str | None) -> None:
    if field not in FIELDS:
        raise ValueError(f"{{{field}}} is no field; {_ALLOWED}, and nothing of them can be reached with '.' or '['")
    if conversion is not None:
        raise ValueError(f"{{{field}!{conversion}}} converts the field, which is not possible; write {{{field}}}")
    if not _SPEC.fullmatch(spec):
        raise ValueError(
            f"{{{field}:{spec}}} is not understood; after ':' a field can be cut, as in {{{field}:.8}}, "
            f"or filled up with a character, as in {{{field}:x<8}}"
        )


def _fields(pattern: str) -> set[str]:
    return {field for _, field, *_ in Formatter().parse(pattern) if field}
