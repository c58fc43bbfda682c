from __future__ import annotations

from decimal import Decimal

import pytest
import yaml
from waldur_agent.config.scalars import Misread, scalar


def read(text: str) -> object:
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    assert isinstance(node, yaml.ScalarNode)
    return scalar(node)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("word", "word"),
        ('"0077"', "0077"),
        ("'yes'", "yes"),
        ("!!str 12", "12"),
        ("=", "="),
        ("60000", 60000),
        ("-60_000", -60000),
        ("0", 0),
        ("0.1", Decimal("0.1")),
        ("1_000.50", Decimal("1000.50")),
        (".5", Decimal("0.5")),
        ("6.0e+4", Decimal(60000)),
        ("~", None),
        ("Off", False),
        ("YES", True),
    ],
)
def test_a_scalar_is_what_was_written(text: str, value: object) -> None:
    read_value = read(text)
    assert (type(read_value), read_value) == (type(value), value)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("0077", "an octal number to YAML"),
        ("-07", "an octal number to YAML"),
        ("12:30", "a number in base 60 to YAML"),
        ("1:30.5", "a number in base 60 to YAML"),
        ("0x1F", "a number that is not written in plain digits"),
        ("0b1", "a number that is not written in plain digits"),
        ("1_", "a number that is not written in plain digits"),
        ("9" * 5000, "a number that is not written in plain digits"),
        (".inf", "not a finite number"),
        (".NaN", "not a finite number"),
        ("!!float x", "not a finite number"),
        ("!!float Infinity", "not a finite number"),
        ("!!bool maybe", "neither true nor false"),
        ("2026-01-01", "a date to YAML"),
        ("2026-13-99", "a date to YAML"),
    ],
)
def test_what_yaml_guesses_is_no_value(text: str, kind: str) -> None:
    assert read(text) == Misread(kind)


@pytest.mark.parametrize("text", ["!mine x", "!!binary aGVsbG8="])
def test_a_tag_is_not_known(text: str) -> None:
    with pytest.raises(LookupError):
        read(text)
