from __future__ import annotations

import pytest
from waldur_agent_hookspecs import Health, HealthStatus

from .conftest import MakePlugin, Script

GOOD, BAD = HealthStatus.GOOD, HealthStatus.BAD


def test_a_program_that_serves_what_it_shall_is_well(make_plugin: MakePlugin, script: Script) -> None:
    script.answers({"hooks": ["list_accounts"], "name": "site", "version": "7"})
    health = make_plugin(hooks=("list_accounts",)).check_health()
    assert [(it.status, it.detail) for it in health] == [(GOOD, f"{script.path} site 7"), (GOOD, "list_accounts")]
    assert script.asked["hook"] == "describe"


def test_a_hook_that_the_program_does_not_answer_is_told(make_plugin: MakePlugin, script: Script) -> None:
    script.answers({"hooks": ["list_accounts"]})
    _, hooks = make_plugin(hooks=("list_accounts", "set_status")).check_health()
    assert (hooks.status, hooks.detail) == (BAD, "hooks lists set_status, which the program does not answer")


def test_a_hook_that_could_be_listed_is_told(make_plugin: MakePlugin, script: Script) -> None:
    script.answers({"hooks": ["set_status", "list_accounts", "something_later"]})
    _, hooks = make_plugin(hooks=("list_accounts",)).check_health()
    assert (hooks.status, hooks.detail) == (GOOD, "set_status could be added to hooks")


def test_a_program_that_is_not_there_is_told_with_what_to_try(make_plugin: MakePlugin, script: Script) -> None:
    (health,) = make_plugin().check_health()
    assert health.status is BAD
    assert "is not there" in health.detail
    assert str(script.path) in health.remedy


@pytest.mark.parametrize("read_only", [True, False])
def test_a_program_may_add_checks_of_its_own(make_plugin: MakePlugin, script: Script, read_only: bool) -> None:
    script.becomes(
        "case $(cat $(dirname $0)/request) in"
        """ *'"describe"'*) echo '{"result": {"hooks": ["check_health"]}}';;"""
        """ *) echo '{"result": [{"check": "slapd", "status": "bad", "remedy": "start it"}]}';; esac"""
    )
    health = make_plugin(hooks=("check_health",), read_only=read_only).check_health()
    assert health[-1] == Health("slapd", BAD, remedy="start it")
