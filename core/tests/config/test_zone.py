from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from zoneinfo import ZoneInfo

import pytest
from waldur_agent.config import Config
from waldur_agent.config.zone import system_zone

Refusal = Callable[[Mapping[int, str]], list[str]]
EXPECTED = 'expected an IANA name such as "UTC" or "Europe/Tallinn"'


def system_zone_with(tz: str) -> str:
    """What a fresh process takes for the system's zone: the library remembers its first answer."""
    code = "from waldur_agent.config.zone import system_zone; print(system_zone())"
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "TZ": tz}, capture_output=True, text=True, check=False
    )
    return (done.stdout or done.stderr).splitlines()[-1]


@pytest.mark.parametrize("line", ["", 'timezone: ""'])
def test_without_a_zone_the_system_s_is_taken(load_changed: Callable[[Mapping[int, str]], Config], line: str) -> None:
    assert load_changed({18: line}).timezone == system_zone()
    assert ZoneInfo(system_zone()).key == system_zone()


@pytest.mark.parametrize("tz", ["Europe/Tallinn", ":Europe/Tallinn", "/usr/share/zoneinfo/Europe/Tallinn"])
def test_the_system_s_zone_may_come_from_its_environment(tz: str) -> None:
    assert system_zone_with(tz) == "Europe/Tallinn"


@pytest.mark.parametrize("tz", ["Mars/Olympus", "EET-2EEST"])
def test_a_system_zone_without_a_name_is_told(tz: str) -> None:
    assert system_zone_with(tz).endswith("is missing, and the system's own zone has no name")


def test_a_missing_zone_is_told_where_the_system_cannot_help(
    refusal: Refusal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "EET-2EEST")
    missing = f"c.yaml:1:1: timezone is missing, and the system's own zone has no name ({EXPECTED})"
    assert refusal({18: ""}) == [missing]
    assert refusal({18: "timezone: Mars"}) == [f"c.yaml:18:11: timezone is not a time zone ({EXPECTED})"]


@pytest.mark.parametrize("name", ["Mars", "../../etc/passwd", '"a\\0b"'])
def test_an_unknown_zone_is_refused(refusal: Refusal, name: str) -> None:
    assert refusal({18: f"timezone: {name}"}) == [f"c.yaml:18:11: timezone is not a time zone ({EXPECTED})"]


@pytest.mark.parametrize("name", ["Europe", "localtime", "posixrules", "UTC+2"])
def test_what_is_only_near_to_a_zone_is_refused(refusal: Refusal, name: str) -> None:
    assert refusal({18: f"timezone: {name}"})[0].startswith("c.yaml:18:11: timezone is not a time zone")


@pytest.mark.parametrize(
    ("name", "near"), [("Europe/Talinn", "Europe/Tallinn"), ("europe/helsinki", "Europe/Helsinki")]
)
def test_a_misspelt_zone_gets_the_right_spelling(refusal: Refusal, name: str, near: str) -> None:
    assert refusal({18: f"timezone: {name}"}) == [
        f"c.yaml:18:11: timezone is not a time zone ({EXPECTED}; did you mean {near}?)"
    ]
