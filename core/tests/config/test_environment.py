from __future__ import annotations

from pathlib import Path

import pytest
from waldur_agent.config import ConfigError, period_minutes, state_directory, verify_ssl_from


@pytest.mark.parametrize(
    ("mode", "default"),
    [("order_process", 5), ("report", 30), ("membership_sync", 5), ("event_process", 60)],
)
def test_every_mode_has_a_default_period(mode: str, default: float) -> None:
    assert period_minutes(mode, {}) == default


@pytest.mark.parametrize(
    ("mode", "variable"),
    [
        ("order_process", "WALDUR_SITE_AGENT_ORDER_PROCESS_PERIOD_MINUTES"),
        ("report", "WALDUR_SITE_AGENT_REPORT_PERIOD_MINUTES"),
        ("membership_sync", "WALDUR_SITE_AGENT_MEMBERSHIP_SYNC_PERIOD_MINUTES"),
        ("event_process", "WALDUR_SITE_AGENT_RECONCILIATION_PERIOD_MINUTES"),
    ],
)
def test_a_period_comes_from_the_variable_of_its_mode(mode: str, variable: str) -> None:
    assert period_minutes(mode, {variable: "0.5"}) == 0.5


@pytest.mark.parametrize("text", ["five", "", "0", "-1", "nan", "inf", "1,5"])
def test_a_period_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        period_minutes("report", {"WALDUR_SITE_AGENT_REPORT_PERIOD_MINUTES": text})
    assert str(caught.value) == (
        f"WALDUR_SITE_AGENT_REPORT_PERIOD_MINUTES: {text!r} is no period (expected a number of minutes above 0)"
    )


@pytest.mark.parametrize("text", ["false", "False", "NO", "0", " no ", "off", "n"])
def test_certificates_are_not_checked_where_the_variable_says_so(text: str) -> None:
    assert not verify_ssl_from({"REQUESTS_VERIFY_SSL": text})


@pytest.mark.parametrize("environ", [{}, *({"REQUESTS_VERIFY_SSL": text} for text in ("", "true", "Yes", "on", "1"))])
def test_certificates_are_checked_otherwise(environ: dict[str, str]) -> None:
    assert verify_ssl_from(environ)


def test_a_word_that_is_neither_yes_nor_no_is_told() -> None:
    with pytest.raises(ConfigError, match="REQUESTS_VERIFY_SSL: 'flase'"):
        verify_ssl_from({"REQUESTS_VERIFY_SSL": "flase"})


def test_the_periodic_whole_pass_of_events_can_be_switched_off_and_no_other() -> None:
    variable = "WALDUR_SITE_AGENT_RECONCILIATION_PERIOD_MINUTES"
    assert period_minutes("event_process", {variable: "0"}) == 0
    with pytest.raises(ConfigError, match="above 0, or 0 for none"):
        period_minutes("event_process", {variable: "-1"})


def test_the_state_directory_is_the_configured_one_or_systemds_or_the_usual_one() -> None:
    assert state_directory("/srv/a", {"STATE_DIRECTORY": "/b"}) == Path("/srv/a")
    assert state_directory("", {"STATE_DIRECTORY": "/var/lib/b:/var/lib/c"}) == Path("/var/lib/b")
    assert state_directory("", {}) == Path("/var/lib/waldur-agent")
