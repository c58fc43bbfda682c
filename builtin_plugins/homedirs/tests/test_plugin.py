"""Homes of users whom only the tests know, made by the real program where nothing else is said."""

from __future__ import annotations

import logging
import stat
from pathlib import Path

import pytest
from waldur_agent_homedirs.plugin import HomedirsPlugin
from waldur_agent_homedirs.settings import HomedirsSettings
from waldur_agent_hookspecs import HealthStatus, Member, PluginContext

from .conftest import Maker, People, StandIn


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _sync(plugin: HomedirsPlugin, *names: str) -> None:
    plugin.members_synced([Member(name) for name in names])


@pytest.fixture(autouse=True)
def everything_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)


@pytest.mark.parametrize(
    ("settings", "mode"),
    [({}, 0o700), ({"homedir_umask": "0027"}, 0o750), ({"default_homedir_umask": "022"}, 0o755)],
)
def test_a_missing_home_is_made_with_the_rights_that_the_umask_leaves(
    make_plugin: Maker, people: People, settings: dict[str, str], mode: int
) -> None:
    home = people.join("jdoe")
    _sync(make_plugin(**settings), "jdoe")
    assert oct(_mode(home)) == oct(mode)


def test_the_umask_of_the_first_agents_does_not_lock_the_owner_out(make_plugin: Maker, people: People) -> None:
    home = people.join("jdoe")
    with pytest.warns(UserWarning, match="would lock owners out"):
        plugin = make_plugin(homedir_umask="0700")
    _sync(plugin, "jdoe")
    assert oct(_mode(home)) == oct(0o700)


def test_what_was_made_is_logged(make_plugin: Maker, people: People, caplog: pytest.LogCaptureFixture) -> None:
    home = people.join("jdoe")
    _sync(make_plugin(), "jdoe")
    assert caplog.messages == [f"Ocean: made the home {home} of jdoe with umask 0077"]


def test_directories_above_a_home_are_made(make_plugin: Maker, people: People) -> None:
    home = people.join("jdoe", people.homes / "ocean" / "jdoe")
    _sync(make_plugin(), "jdoe")
    assert home.is_dir()


def test_homes_that_are_there_cost_no_command(make_plugin: Maker, people: People, stand_in: StandIn) -> None:
    people.join("jdoe").mkdir(mode=0o711)
    people.join("asmith").symlink_to(people.homes / "jdoe")
    _sync(make_plugin(), "jdoe", "asmith")
    assert stand_in.calls == []
    assert oct(_mode(people.homes / "jdoe")) == oct(0o711)


def test_the_command_has_the_name_and_the_umask(make_plugin: Maker, people: People, stand_in: StandIn) -> None:
    people.join("jdoe")
    people.join("asmith")
    _sync(make_plugin(homedir_umask="027"), "jdoe", "asmith")
    assert stand_in.calls == ["jdoe 0027", "asmith 0027"]


@pytest.mark.parametrize(
    "settings", [{"read_only": True}, {"enable_user_homedir_account_creation": False}], ids=["read only", "off"]
)
def test_nothing_is_made_where_nothing_is_to_be_made(
    make_plugin: Maker, people: People, stand_in: StandIn, settings: dict[str, bool]
) -> None:
    people.join("jdoe")
    _sync(make_plugin(**settings), "jdoe")
    assert stand_in.calls == []


def test_somebody_whom_the_system_does_not_know_is_waited_for(
    make_plugin: Maker, people: People, caplog: pytest.LogCaptureFixture
) -> None:
    plugin = make_plugin()
    _sync(plugin, "jdoe", "asmith")
    _sync(plugin, "jdoe", "asmith")
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("INFO", "Ocean: the operating system does not know jdoe yet; the home is made once it does"),
        ("INFO", "Ocean: the operating system does not know asmith yet; the home is made once it does"),
    ]
    home = people.join("jdoe")
    _sync(plugin, "jdoe", "asmith")
    assert home.is_dir()


def test_who_is_known_no_longer_is_told_of_again(
    make_plugin: Maker, people: People, caplog: pytest.LogCaptureFixture
) -> None:
    plugin = make_plugin()
    _sync(plugin, "jdoe")
    people.join("jdoe")
    _sync(plugin, "jdoe")
    people.passwd.write_text("")
    _sync(plugin, "jdoe")
    assert caplog.text.count("does not know jdoe yet") == 2


@pytest.mark.parametrize(
    "name", ["-rf", "--help", "../jdoe", "a/b", "/etc", "", " ", "j doe", "jdoe\n", "jd\0e", ".", ".."]
)
def test_a_name_that_could_mean_something_else_never_reaches_the_command(
    make_plugin: Maker, people: People, stand_in: StandIn, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    if "\n" not in name:
        people.join(name, people.homes / "elsewhere")
    plugin = make_plugin()
    _sync(plugin, name)
    _sync(plugin, name)
    assert stand_in.calls == []
    assert caplog.messages == [f"Ocean: {name!r} cannot be a user's name; correct it in Waldur; no home was made"]


@pytest.mark.parametrize("home", ["", "homes/jdoe", "/nonexistent"])
def test_what_is_not_to_be_a_home_is_not_made(
    make_plugin: Maker, people: People, stand_in: StandIn, caplog: pytest.LogCaptureFixture, home: str
) -> None:
    people.join("jdoe", home)
    _sync(make_plugin(), "jdoe")
    assert stand_in.calls == []
    assert "which is not to be made" in caplog.text


def test_a_home_that_cannot_be_looked_at_is_not_a_missing_one(
    make_plugin: Maker, people: People, stand_in: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    loop = people.homes / "loop"
    loop.symlink_to(loop)
    people.join("jdoe", loop / "jdoe")
    _sync(make_plugin(), "jdoe")
    assert stand_in.calls == []
    assert f"whether {loop / 'jdoe'} is there cannot be told: Too many levels of symbolic links" in caplog.text


def test_a_link_to_nowhere_is_no_home(make_plugin: Maker, people: People, caplog: pytest.LogCaptureFixture) -> None:
    people.join("jdoe").symlink_to(people.folder / "nowhere")
    _sync(make_plugin(), "jdoe")
    assert "is still missing, and is tried again in the next cycle" in caplog.text


def test_one_failure_does_not_stop_the_others(
    make_plugin: Maker, people: People, stand_in: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    homes = [people.join(name) for name in ("jdoe", "asmith", "bjones")]
    stand_in.becomes(
        f'test "$1" != asmith || {{ echo first >&2; echo "no space left" >&2; exit 6; }}\nmkdir {people.homes}/"$1"'
    )
    plugin = make_plugin()
    _sync(plugin, "jdoe", "asmith", "bjones")
    assert [home.is_dir() for home in homes] == [True, False, True]
    (warning,) = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    command = f"{stand_in.program} asmith 0077"
    assert warning == (
        f"Ocean: {command} ended with exit status 6: no space left; {homes[1]} is still missing, "
        "and is tried again in the next cycle"
    )
    _sync(plugin, "jdoe", "asmith", "bjones")
    assert stand_in.calls == ["jdoe 0077", "asmith 0077", "bjones 0077", "asmith 0077"]


def test_a_home_that_was_begun_only_is_to_be_looked_at(
    make_plugin: Maker, people: People, stand_in: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    home = people.join("jdoe")
    stand_in.becomes(f"mkdir {home}; exit 6")
    _sync(make_plugin(), "jdoe")
    assert f"{home} is there and may be unfinished: look at it, as it will not be made again" in caplog.text


def test_a_success_without_a_home_is_told(
    make_plugin: Maker, people: People, stand_in: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    home = people.join("jdoe")
    _sync(make_plugin(), "jdoe")
    assert caplog.messages == [f"Ocean: {stand_in.program} reported success for jdoe, but {home} is missing"]


def test_health_tells_the_program_and_the_umask(make_plugin: Maker, stand_in: StandIn) -> None:
    (health,) = make_plugin(homedir_umask="0027").check_health()
    assert health.status is HealthStatus.GOOD
    assert health.detail == f"{stand_in.program} with umask 0027"


def test_without_the_program_the_missing_home_is_told_once(people: People, caplog: pytest.LogCaptureFixture) -> None:
    home = people.join("jdoe")
    people.join("asmith").mkdir()
    plugin = HomedirsPlugin(HomedirsSettings(), PluginContext("Ocean", "0" * 32), people.look_up, lambda: None)
    _sync(plugin, "jdoe", "asmith")
    _sync(plugin, "jdoe", "asmith")
    (message,) = caplog.messages
    assert message.startswith(f"Ocean: the home {home} of jdoe is missing, and there is no mkhomedir_helper; install")


def test_health_tells_what_to_install() -> None:
    plugin = HomedirsPlugin(HomedirsSettings(), PluginContext("Ocean", "0" * 32), find=lambda: None)
    (health,) = plugin.check_health()
    assert health.status is HealthStatus.BAD
    assert "libpam-modules" in health.remedy


def test_health_tells_that_homes_are_switched_off(make_plugin: Maker) -> None:
    (health,) = make_plugin(enable_user_homedir_account_creation=False).check_health()
    assert health.status is HealthStatus.GOOD
    assert "none are made" in health.detail


def test_all_users_get_their_homes_and_who_has_none_is_told_with_the_reason(
    make_plugin: Maker, people: People, caplog: pytest.LogCaptureFixture
) -> None:
    home = people.join("jdoe")
    plugin = make_plugin()
    for _ in range(2):
        assert plugin.prepare_users([Member("jdoe"), Member("asmith"), Member("-rf")]) == {
            "asmith": "the operating system does not know asmith yet",
            "-rf": "'-rf' cannot be a user's name; correct it in Waldur",
        }
    assert oct(_mode(home)) == oct(0o700)
    assert caplog.messages == [f"Ocean: made the home {home} of jdoe with umask 0077"]


def test_a_home_that_could_not_be_made_is_told(make_plugin: Maker, people: People, stand_in: StandIn) -> None:
    people.join("jdoe")
    stand_in.becomes("echo no space left >&2; exit 6")
    ((name, reason),) = make_plugin().prepare_users([Member("jdoe")]).items()
    assert name == "jdoe"
    assert "exit status 6: no space left" in reason


@pytest.mark.parametrize(
    "settings", [{"read_only": True}, {"enable_user_homedir_account_creation": False}], ids=["read only", "off"]
)
def test_nobody_is_seen_to_where_nothing_is_to_be_made(
    make_plugin: Maker, people: People, stand_in: StandIn, settings: dict[str, bool]
) -> None:
    people.join("jdoe")
    assert make_plugin(**settings).prepare_users([Member("jdoe")]) == {}
    assert stand_in.calls == []
