from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from waldur_agent_hookspecs import PluginContext, User
from waldur_agent_usernames.full_name import FullNameSettings, FullNameUsernames
from waldur_agent_usernames.local_names import is_local_name

CONTEXT = PluginContext("Ocean", "0a1b2c3d4e5f60718293a4b5c6d7e8f9")
UUID = "1a1b2c3d4e5f60718293a4b5c6d7e8f9"
JANE = User(UUID, login="jdoe@example.org", full_name="Jane Doe")
PATTERNS = ("{first:.1}{last}", "{first}.{last}", "{login}", "{full:.30}-x", "hpc_{last:x<32}", "{first}")


@dataclass(slots=True)
class Machine:
    """A system's user and group databases."""

    users: dict[str, int] = field(default_factory=dict)
    groups: set[str] = field(default_factory=set)

    def uid(self, name: str) -> int | None:
        return self.users.get(name)

    def is_group(self, name: str) -> bool:
        return name in self.groups


class CrowdedMachine:
    """Whatever name is asked for, somebody has it."""

    def uid(self, name: str) -> int | None:
        return 1000

    def is_group(self, name: str) -> bool:
        return False


@pytest.fixture
def machine() -> Machine:
    return Machine({"root": 0, "munge": 115, "nobody": 65534, "asmith": 2001}, {"sudo"})


Maker = Callable[..., FullNameUsernames]


@pytest.fixture
def make_plugin(machine: Machine) -> Maker:
    def make(**settings: str) -> FullNameUsernames:
        return FullNameUsernames(FullNameSettings.model_validate(settings), CONTEXT, machine)

    return make


def test_a_name_is_the_first_initial_and_the_last_name(make_plugin: Maker) -> None:
    assert make_plugin().generate_username(JANE, frozenset()) == "jdoe"


def test_a_pattern_can_be_configured(make_plugin: Maker) -> None:
    plugin = make_plugin(username_pattern="{first}.{last}")
    assert plugin.generate_username(JANE, frozenset()) == "jane.doe"


@pytest.mark.parametrize("pattern", ["{first.__class__}", "", 7, None, b"{first}", ["{first}"]])
def test_settings_refuse_what_is_no_pattern(pattern: object) -> None:
    with pytest.raises(ValidationError, match="username_pattern"):
        FullNameSettings.model_validate({"username_pattern": pattern})


def test_a_name_of_a_person_is_never_read_as_a_format(make_plugin: Maker) -> None:
    user = User(UUID, first_name="{last.__class__}", last_name="{0}%s{first!r:>99999999999}")
    assert make_plugin().generate_username(user, frozenset()) == "l0sfirstr99999999999"


def test_a_name_of_somebody_else_gets_a_number(make_plugin: Maker) -> None:
    plugin = make_plugin()
    assert plugin.generate_username(JANE, frozenset({"jdoe"})) == "jdoe2"
    assert plugin.generate_username(JANE, frozenset({"jdoe", "jdoe3"})) == "jdoe2"
    assert plugin.generate_username(JANE, frozenset({"jdoe", "jdoe2"})) == "jdoe3"


def test_capitals_do_not_make_another_name(make_plugin: Maker) -> None:
    assert make_plugin().generate_username(JANE, frozenset({"JDoe"})) == "jdoe2"


@pytest.mark.parametrize(("full_name", "name"), [("Anna Smith", "asmith2"), ("Sam Udo", "sudo2")])
def test_a_user_or_group_of_the_system_gets_a_namesake(make_plugin: Maker, full_name: str, name: str) -> None:
    assert make_plugin().generate_username(User(UUID, full_name=full_name), frozenset()) == name


def test_without_a_name_to_work_with_there_is_none(make_plugin: Maker, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    user = User(UUID, login="jdoe@example.org", full_name="???")
    assert make_plugin().generate_username(user, frozenset()) == ""
    told = f"Ocean: nothing that Waldur tells of user {UUID} fills the username_pattern '{{first:.1}}{{last}}'"
    assert caplog.messages == [f"{told}; no local name is made."]


def test_a_search_for_a_free_name_ends(caplog: pytest.LogCaptureFixture) -> None:
    plugin = FullNameUsernames(FullNameSettings(), CONTEXT, CrowdedMachine())
    assert plugin.generate_username(JANE, frozenset()) == ""
    assert "all of jdoe to jdoe9999 are taken" in caplog.text


def test_the_oldest_usable_name_of_other_offerings_comes_first(make_plugin: Maker) -> None:
    known = ("", "Jane Doe", "jane@example.org", "JDoe", "-rf", "j" * 33, "jane", "jdoe")
    assert make_plugin().find_username(User(UUID, known_names=known)) == "jane"


def test_a_known_name_may_exist_in_the_system_already(make_plugin: Maker) -> None:
    assert make_plugin().find_username(User(UUID, known_names=("asmith",))) == "asmith"


@pytest.mark.parametrize("name", ["root", "munge", "nobody"])
def test_nobody_becomes_an_account_of_the_system(
    make_plugin: Maker, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    caplog.set_level(logging.INFO)
    assert make_plugin().find_username(User(UUID, known_names=(name, "jdoe"))) == "jdoe"
    assert f"is called '{name}' elsewhere, which is an account of the system here; not used" in caplog.text


def test_without_known_names_none_is_found(make_plugin: Maker) -> None:
    assert make_plugin().find_username(JANE) == ""


NAMES = st.text(st.characters(), max_size=60) | st.sampled_from(["Jane Doe", "Jan van der Berg", "李 小龙", "O'Neil"])
USERS = st.builds(User, st.just(UUID), NAMES, NAMES, NAMES, NAMES)


@given(USERS, st.sampled_from(PATTERNS))
def test_whatever_a_person_is_called_the_name_is_valid_and_the_same_again(user: User, pattern: str) -> None:
    plugin = FullNameUsernames(FullNameSettings(username_pattern=pattern), CONTEXT, Machine())
    name = plugin.generate_username(user, frozenset())
    assert name == "" or (is_local_name(name) and name[0].isalpha())
    assert plugin.generate_username(user, frozenset()) == name


@given(st.lists(USERS, max_size=12), st.sampled_from(PATTERNS), st.data())
def test_no_two_persons_are_called_the_same(users: list[User], pattern: str, data: st.DataObject) -> None:
    machine = Machine()
    plugin = FullNameUsernames(FullNameSettings(username_pattern=pattern), CONTEXT, machine)
    taken: set[str] = set()
    for user in users:
        name = plugin.generate_username(user, frozenset(taken))
        if not name:
            continue
        assert is_local_name(name)
        assert name not in {*taken, *machine.users, *machine.groups}
        # Some names are known to Waldur, some only to the system.
        where = data.draw(st.sampled_from(["waldur", "users", "groups"]))
        if where == "waldur":
            taken.add(name)
        elif where == "users":
            machine.users[name] = 1000
        else:
            machine.groups.add(name)
