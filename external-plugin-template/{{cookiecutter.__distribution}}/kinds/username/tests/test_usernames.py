from __future__ import annotations

import pytest
from waldur_agent_hookspecs import HealthStatus, NotReady, PluginContext, User

from {{ cookiecutter.__package }}.directory import people_of
from {{ cookiecutter.__package }}.settings import Settings
from {{ cookiecutter.__package }}.usernames import {{ cookiecutter.__class }}

JANE = User("1" * 32, full_name="Jané Doe-Smith", email="Jane@example.org")


@pytest.fixture
def plugin(request: pytest.FixtureRequest) -> {{ cookiecutter.__class }}:
    people_of(request.node.name)["jane@example.org"] = "jane7"
    settings = Settings(directory=request.node.name, longest_name=8)
    return {{ cookiecutter.__class }}(settings, PluginContext("HPC", "0" * 32))


def test_a_name_that_is_there_is_found(plugin: {{ cookiecutter.__class }}) -> None:
    assert plugin.find_username(JANE) == "jane7"
    assert plugin.find_username(User("2" * 32)) == ""


def test_a_new_name_is_made_of_the_persons_and_fits(plugin: {{ cookiecutter.__class }}) -> None:
    assert plugin.generate_username(JANE, frozenset()) == "jdoesmit"
    assert plugin.generate_username(JANE, frozenset({"jdoesmit", "JDOESMI2"})) == "jdoesmi3"


def test_a_name_of_somebody_in_the_directory_is_not_given_again(plugin: {{ cookiecutter.__class }}) -> None:
    assert plugin.generate_username(User("2" * 32, full_name="Jimmy Ane7"), frozenset()) == "jane72"


@pytest.mark.parametrize("full_name", ["", " ", "Ж", "4 2"])
def test_where_no_name_can_be_made_none_is(plugin: {{ cookiecutter.__class }}, full_name: str) -> None:
    assert plugin.generate_username(User("2" * 32, full_name=full_name), frozenset()) == ""


def test_a_directory_that_is_not_named_is_told() -> None:
    plugin = {{ cookiecutter.__class }}(Settings(directory=""), PluginContext("HPC", "0" * 32))
    with pytest.raises(NotReady):
        plugin.find_username(JANE)
    assert [health.status for health in plugin.check_health()] == [HealthStatus.BAD]
