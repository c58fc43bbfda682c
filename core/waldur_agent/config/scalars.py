"""YAML scalars as Python values: exactly what was written, and no guess where YAML itself guesses."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import yaml

_TAG = "tag:yaml.org,2002:"
_HEX_WITHOUT_LETTERS = re.compile(r"[0-9]{32,64}")
"""A UUID or token that happens to have no letter. No number in this file has so many digits."""
_INTEGER = re.compile(r"[-+]?(0|[1-9](_?[0-9]){0,30})")
_OCTAL = re.compile(r"[-+]?0[0-7_]+")


@dataclass(frozen=True, slots=True)
class Misread:
    """A scalar without quotes that YAML 1.1 takes for something that nobody means in this file.

    It is no value: every model refuses it, and the error says what YAML made of the text.
    """

    kind: str


UNUSABLE = Misread("no plain value")
"""Stands for a value of which the reader has complained already."""


def scalar(node: yaml.ScalarNode) -> object:
    """Text, whole number, ``Decimal``, truth value, None, or :class:`Misread`.

    Raises:
        LookupError: the node has a tag of its own.
    """
    return _READERS[node.tag.removeprefix(_TAG)](node.value)


def _integer(raw: str) -> object:
    if _HEX_WITHOUT_LETTERS.fullmatch(raw):
        return raw
    if _INTEGER.fullmatch(raw):
        return int(raw)
    if _OCTAL.fullmatch(raw):
        return Misread("an octal number to YAML")
    if ":" in raw:
        return Misread("a number in base 60 to YAML")
    return Misread("a number that is not written in plain digits")


def _fraction(raw: str) -> object:
    if ":" in raw:
        return Misread("a number in base 60 to YAML")
    try:
        number = Decimal(raw.replace("_", ""))
    except InvalidOperation:
        return Misread("not a finite number")
    return number if number.is_finite() else Misread("not a finite number")


def _truth(raw: str) -> object:
    values = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
    return values.get(raw.lower(), Misread("neither true nor false"))


_READERS: Mapping[str, Callable[[str], object]] = {
    "str": str,
    "null": lambda _: None,
    "bool": _truth,
    "int": _integer,
    "float": _fraction,
    "timestamp": lambda _: Misread("a date to YAML"),
    # "=" and, as a value, "<<" have tags of their own for no reason that matters here.
    "value": str,
    "merge": str,
}
