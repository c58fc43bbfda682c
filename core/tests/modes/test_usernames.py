from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pydantic import SecretStr
from services.worlds import world
from waldur_agent.config import Offering
from waldur_agent.emulator.server import EmulatorServer
from waldur_agent.modes.served import Served
from waldur_agent.modes.usernames import give_names, nameless
from waldur_agent.registry import PluginEntry
from waldur_agent.site import Site
from waldur_agent.waldur import Connection, Waldur
from waldur_agent_hookspecs import BackendError, NotReady, User, UserActionNeeded, hookimpl


class Naming:
    """A username plugin that does as it is told."""

    api_version = 1
    settings_model = dict

    def __init__(self, answer: Callable[[User], str]) -> None:
        self.answer = answer
        self.asked: list[User] = []

    @hookimpl
    def find_username(self, user: User) -> str:
        self.asked.append(user)
        return ""

    @hookimpl
    def generate_username(self, user: User) -> str:
        return self.answer(user)


@contextmanager
def served(answer: Callable[[User], str]) -> Iterator[tuple[Served, EmulatorServer, Naming]]:
    options = {"username_generation_policy": "service_provider"}
    with EmulatorServer(world(existing=1, plugin_options=options)) as server:
        uuid = server.state.offering().uuid
        offering = Offering(name="Cluster", api_url=server.url, token=SecretStr(server.token), uuid=uuid, backends={})
        connection = Connection(server.url, server.token, user_agent="waldur-site-agent-test/1")
        plugin = Naming(answer)
        entry = PluginEntry("naming", Naming, "tests", "0", ())  # type: ignore[arg-type] # made by hand below
        yield (
            Served(offering, Waldur(connection, uuid), Site("Cluster", [(entry, plugin)]), threading.Event()),
            server,
            plugin,
        )
        connection.close()


def account(server: EmulatorServer, login: str) -> Any:
    return server.state.account(server.state.offering(), server.state.user(login))


def unname(server: EmulatorServer, *logins: str, state: str = "Requested") -> None:
    with server.state.lock:
        for login in logins:
            account(server, login).username, account(server, login).state = "", state


def named(work: Served, server: EmulatorServer) -> dict[str, str]:
    """Run it for everybody in the project; gives the names by UUID of the person."""
    users = work.waldur.offering_users()
    team = {server.state.user(f"person{number}").uuid for number in range(3)}
    return {
        user.user_uuid: user.username
        for user in give_names(work, users, nameless(users, team, work.waldur.offering()))
    }


def asks(text: str, **more: Any) -> Callable[[User], str]:
    def answer(_: User) -> str:
        raise UserActionNeeded(text, **more)

    return answer


@pytest.mark.parametrize(
    ("validation", "state"), [(False, "Pending account linking"), (True, "Pending additional validation")]
)
def test_a_person_with_something_to_do_is_told_once(validation: bool, state: str) -> None:
    with served(asks("Link it first", url="https://idp.example.org/link", validation=validation)) as (
        work,
        server,
        _,
    ):
        unname(server, "person0")
        named(work, server)
        found = account(server, "person0")
        assert (found.state, found.username) == (state, "")
        assert found.comment == "Link it first"
        assert found.comment_url == "https://idp.example.org/link"
        server.requests.clear()
        named(work, server)
        assert [request.method for request in server.requests.all() if request.method != "GET"] == []


def test_an_absent_link_is_left_out() -> None:
    with served(asks("Call us")) as (work, server, _):
        unname(server, "person0")
        named(work, server)
        assert account(server, "person0").state == "Pending account linking"


def test_a_failure_is_marked_and_a_bad_moment_is_not() -> None:
    def answer(user: User) -> str:
        if user.full_name == "Person0":
            raise BackendError("the directory refuses")
        raise NotReady("the directory is away")

    with served(answer) as (work, server, _):
        unname(server, "person0", "person1")
        named(work, server)
        assert account(server, "person0").state == "Error creating"
        assert account(server, "person1").state == "Requested"
        # Each change of state comes back as an event, which brings the next attempt.
        server.requests.clear()
        named(work, server)
        assert [request.path for request in server.requests.all() if request.method != "GET"] == []


@pytest.mark.parametrize("state", ["Requested", "Pending account linking", "Error creating"])
def test_a_name_that_is_lost_on_its_way_is_told_again(state: str) -> None:
    from waldur_agent.emulator.faults import Fault

    with served(lambda _: "jane") as (work, server, _):
        unname(server, "person0", state=state)
        server.faults.add(Fault.model_validate({"kind": "status", "status": 502, "method": "PATCH"}))
        named(work, server)
        server.faults.clear()
        named(work, server)
        found = account(server, "person0")
        assert (found.username, found.state) == ("jane", "OK")


@pytest.mark.parametrize("bad", ["user1", "USER1", "-rf", "a b", "x" * 300])
def test_a_taken_or_unusable_name_is_not_written(bad: str) -> None:
    with served(lambda _: bad) as (work, server, _):
        unname(server, "person0")
        named(work, server)
        assert account(server, "person0").username == ""


def test_one_persons_failure_is_that_persons_alone() -> None:
    def answer(user: User) -> str:
        if user.full_name == "Person0":
            raise ZeroDivisionError
        return user.full_name.lower()

    with served(answer) as (work, server, _):
        unname(server, "person0", "person1")
        names = named(work, server)
        assert sorted(names.values()) == ["", "person1", "user2"]


def test_a_name_counts_only_after_waldur_has_it() -> None:
    from waldur_agent.emulator.faults import Fault

    with served(lambda _: "jane") as (work, server, _):
        unname(server, "person0")
        server.faults.add(Fault.model_validate({"kind": "status", "status": 403, "method": "PATCH"}))
        assert "jane" not in named(work, server).values()


def test_the_plugin_hears_who_the_person_is() -> None:
    with served(lambda _: "jane") as (work, server, plugin):
        unname(server, "person0")
        named(work, server)
        assert [(user.full_name, user.login, user.known_names) for user in plugin.asked] == [
            ("Person0", "person0", ())
        ]


def test_a_plugin_that_only_finds_names_is_asked_too() -> None:
    class Finding:
        @hookimpl
        def find_username(self) -> str:
            return "jane"

    class Nobody(Finding):
        makes_names = False

    def site(plugin: object) -> Site:
        return Site("Cluster", [(PluginEntry("naming", Naming, "tests", "0", ()), plugin)])  # type: ignore[arg-type] # as above

    assert site(Finding()).makes_names
    assert not site(Nobody()).makes_names
