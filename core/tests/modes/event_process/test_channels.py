"""Which requests lead to which connection, on each generation of servers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from services.scripted_http import Asked, Reply, Script, scripted
from waldur_agent.config import Offering
from waldur_agent.modes.event_process.channels import Channel, Desk, open_channels, wanted_types
from waldur_agent.modes.event_process.introduction import introduce
from waldur_agent.modes.event_process.remembered import Remembered
from waldur_agent.waldur import Refused, WaldurError, WrongState

OFFERING, USER, IDENTITY = "1" * 32, "aa" * 16, "d" * 32
TYPES = ["order", "user_role", "resource", "offering_user"]
HTML = Reply(404, "<h1>Not Found</h1>", content_type="text/html")
JSON = Reply(404, {"detail": "Not found."})


class Server:
    """Waldur's part in this: what exists is a prefix of the generations."""

    def __init__(
        self, *, identities: bool = True, queues: bool = True, subscriptions: bool = True, absent: Reply = HTML
    ):
        self.identities, self.queues, self.subscriptions, self.absent = identities, queues, subscriptions, absent
        self.known: dict[str, str] = {}
        self.agents: list[str] = []
        self.told: list[str] = []
        self.refuse: Callable[[Asked], Reply | None] = lambda _: None

    def __call__(self, asked: Asked) -> Reply:
        parts = asked.path.split("?")[0].removeprefix("/api/").strip("/").split("/")
        refusal = self.refuse(asked)
        if refusal is not None:
            return refusal
        if parts == ["marketplace-provider-offerings", OFFERING]:
            return Reply(200, {"uuid": OFFERING})
        if parts[0] == "marketplace-site-agent-identities" and self.identities:
            return self._identities(asked, parts[1:])
        if parts[0] == "event-subscriptions" and self.subscriptions:
            return self._subscriptions(asked, parts[1:])
        if parts[0] == "marketplace-site-agent-services" and self.identities:
            self.told.append(json.loads(asked.body)["backend_type"])
            return Reply(201, {})
        return self.absent

    def _identities(self, asked: Asked, rest: list[str]) -> Reply:
        body = json.loads(asked.body or "{}")
        if rest[1:] == ["register_service"]:
            self.told.append(body["mode"])
            return Reply(201, {"uuid": "5" * 32, "state": "Active"})
        if rest[1:] == ["register_queue"]:
            answer = {"rmq_username": "c0ffee", "queue_name": "consumer_c0ffee", "vhost": USER}
            return Reply(201, {**answer, "observable_object_types": body["object_types"]})
        if asked.method == "POST":
            self.agents.append(body["name"])
        found = [{"uuid": IDENTITY, "name": name} for name in self.agents]
        return Reply(201, found[0]) if asked.method == "POST" else Reply(200, found)

    def _subscriptions(self, asked: Asked, rest: list[str]) -> Reply:
        if rest[1:] == ["create_queue"]:
            return Reply(200, {"queue_name": f"made_for_{rest[0]}"}) if self.queues else self.absent
        if asked.method == "POST":
            uuid = f"{len(self.known) + 1:032x}"
            self.known[uuid] = json.loads(asked.body)["observable_objects"][0]["object_type"]
            return Reply(201, {"uuid": uuid, "user_uuid": USER})
        if rest[0] not in self.known or self.known[rest[0]] == "gone":
            return JSON
        if asked.method == "DELETE":
            self.known[rest[0]] = "gone"
            return Reply(204)
        return Reply(200, {"uuid": rest[0], "user_uuid": USER})

    @property
    def alive(self) -> list[str]:
        return [kind for kind in self.known.values() if kind != "gone"]


@contextmanager
def desk(
    server: Server, folder: Path, transport: Any = "stomp", types: list[str] = TYPES
) -> Iterator[tuple[Desk, Script]]:
    with scripted(server) as script:
        # A port differs each time, but what is remembered belongs to a URL.
        offering = Offering(
            name="HPC",
            api_url=script.url,
            token=SecretStr("tok"),
            uuid=OFFERING,
            backends={},
            event_transport=transport,
        )
        yield Desk(offering, types, Remembered(folder), True), script


def places(channels: list[Channel], *, anew: bool = False) -> list[tuple[str, str, str]]:
    found = [channel.endpoint(anew=anew)[0] for channel in channels]
    assert {place.vhost for place in found} == {USER}
    assert {place.password for place in found} == {"tok"}
    return [
        (channel.source_type, place.login, place.destination) for channel, place in zip(channels, found, strict=True)
    ]


def test_today_there_is_one_queue_for_the_agent(tmp_path: Path) -> None:
    server = Server()
    with desk(server, tmp_path) as (place, script):
        channels = open_channels(place)
        assert places(channels) == [("", "c0ffee", "/amq/queue/consumer_c0ffee")]
        registered = [json.loads(it.body) for it in script.asked if "register_queue" in it.path]
    assert registered[0] == {"object_types": TYPES}
    assert server.agents == [f"agent-{OFFERING}"], "made once"
    assert server.known == {}


@pytest.mark.parametrize("absent", [HTML, JSON, Reply(405, {"detail": "Method not allowed."})])
def test_before_that_a_queue_for_each_type(tmp_path: Path, absent: Reply) -> None:
    server = Server(identities=False, absent=absent)
    with desk(server, tmp_path) as (place, _):
        assert places(open_channels(place)) == [
            (kind, f"{number:032x}", f"/amq/queue/made_for_{number:032x}") for number, kind in enumerate(TYPES, 1)
        ]


@pytest.mark.parametrize("absent", [HTML, JSON])
def test_and_before_that_a_queue_that_comes_by_being_listened_to(tmp_path: Path, absent: Reply) -> None:
    server = Server(identities=False, queues=False, absent=absent)
    with desk(server, tmp_path, types=["order"]) as (place, _):
        login = f"{1:032x}"
        assert places(open_channels(place)) == [("order", login, f"subscription_{login}_offering_{OFFERING}_order")]


def test_a_server_without_events_is_no_silent_one(tmp_path: Path) -> None:
    with desk(Server(identities=False, subscriptions=False), tmp_path) as (place, _):
        (first, *_) = open_channels(place)
        with pytest.raises(WaldurError, match=r"event-subscriptions.*does not have it"):
            first.endpoint(anew=False)


def test_stomp_subscriptions_survive_a_restart_and_one_that_is_gone_is_made_anew(tmp_path: Path) -> None:
    server = Server(identities=False)
    with desk(server, tmp_path, types=["order", "resource"]) as (place, _):
        before = places(open_channels(place))
        again = Desk(place.offering, place.types, Remembered(tmp_path), True)
        assert places(open_channels(again)) == before
        server.known[f"{1:032x}"] = "gone"
        after = places(open_channels(again))
    assert [login for _, login, _ in after] == [f"{3:032x}", f"{2:032x}"]
    assert server.alive == ["resource", "order"]


def test_a_login_that_is_not_accepted_is_made_again_and_the_old_one_removed(tmp_path: Path) -> None:
    server = Server(identities=False)
    with desk(server, tmp_path, types=["order"]) as (place, _):
        (channel,) = open_channels(place)
        channel.endpoint(anew=False)
        _, fresh = channel.endpoint(anew=False)
        renewed, made = channel.endpoint(anew=True)
    assert (fresh, made, renewed.login) == (False, True, f"{2:032x}")
    assert len(server.alive) == 1


def test_mqtt_subscriptions_end_with_the_process(tmp_path: Path) -> None:
    server = Server()
    with desk(server, tmp_path, "mqtt", ["order", "user_role"]) as (place, _):
        channels = open_channels(place)
        login = f"{1:032x}"
        assert places(channels)[0] == ("order", login, f"subscription/{login}/offering/{OFFERING}/order")
        for channel in channels:
            channel.drop()
    assert server.alive == []


def test_what_a_killed_process_left_is_removed_by_the_next(tmp_path: Path) -> None:
    server = Server()
    with desk(server, tmp_path, "mqtt", ["order"]) as (place, _):
        places(open_channels(place))
        places(open_channels(Desk(place.offering, place.types, Remembered(tmp_path), True)))
    assert server.alive == ["order"]


def test_one_that_could_not_be_removed_is_removed_by_the_start_after_next(tmp_path: Path) -> None:
    server = Server()
    with desk(server, tmp_path, "mqtt", ["order"]) as (place, _):
        places(open_channels(place))
        server.refuse = lambda it: Reply(503) if it.method == "DELETE" else None
        places(open_channels(Desk(place.offering, place.types, Remembered(tmp_path), True)))
        assert server.alive == ["order", "order"]
        server.refuse = lambda _: None
        places(open_channels(Desk(place.offering, place.types, Remembered(tmp_path), True)))
    assert server.alive == ["order"]


def test_a_proxy_that_has_lost_its_waldur_is_not_taken_for_an_older_one(tmp_path: Path) -> None:
    server = Server()
    server.refuse = lambda _: HTML
    with desk(server, tmp_path) as (place, _):
        with pytest.raises(WaldurError, match="provider-offerings"):
            open_channels(place)
        server.refuse = lambda _: None
        assert places(open_channels(place)) == [("", "c0ffee", "/amq/queue/consumer_c0ffee")]


def test_what_nobody_listens_to_any_more_is_removed(tmp_path: Path) -> None:
    server = Server(identities=False)
    with desk(server, tmp_path) as (place, _):
        places(open_channels(place))
        fewer = Desk(place.offering, ["order"], place.remembered, True)
        places(open_channels(fewer))
        assert server.alive == ["order"]
        server.identities = True
        places(open_channels(fewer))
    assert server.alive == []


def test_types_that_a_server_does_not_know_do_not_cost_the_others(tmp_path: Path) -> None:
    server = Server()
    server.refuse = lambda it: Reply(400, {"object_types": ["no"]}) if "offering_user" in it.body else None
    with desk(server, tmp_path) as (place, script):
        assert places(open_channels(place)) == [("", "c0ffee", "/amq/queue/consumer_c0ffee")]
        assert json.loads(script.asked[-1].body) == {"object_types": ["order", "user_role", "resource"]}


@pytest.mark.parametrize(("status", "kind"), [(403, Refused), (409, WrongState)])
def test_a_refusal_is_told_as_one(tmp_path: Path, status: int, kind: type[WaldurError]) -> None:
    server = Server()
    server.refuse = lambda it: Reply(status, {"detail": "no"}) if "register_queue" in it.path else None
    with (
        desk(server, tmp_path, types=["order"]) as (place, _),
        pytest.raises(kind, match=f"register_queue/: {status}"),
    ):
        open_channels(place)


def test_an_answer_without_what_is_needed_is_no_queue(tmp_path: Path) -> None:
    server = Server()
    server.refuse = lambda it: Reply(200, {"queue_name": "q"}) if "register_queue" in it.path else None
    with desk(server, tmp_path) as (place, _), pytest.raises(WaldurError, match="lacks"):
        open_channels(place)


def test_only_what_is_done_is_asked_for() -> None:
    assert wanted_types(orders=True, members=False) == ["order"]
    assert wanted_types(orders=False, members=True) == ["user_role", "resource", "offering_user"]
    assert "offering_resources_sync" in wanted_types(orders=True, members=True)


def test_the_agent_introduces_itself_where_the_server_wants_to_know(tmp_path: Path) -> None:
    server = Server()
    with desk(server, tmp_path) as (place, script):
        introduce(place, ["sandbox", "slurm"])
        said = "".join(asked.body for asked in script.asked)
    assert server.agents == [f"agent-{OFFERING}"]
    assert server.told == ["event_process", "sandbox", "slurm"]
    assert "tok" not in said


@pytest.mark.parametrize("absent", [HTML, JSON, Reply(403, {"detail": "no"})])
def test_and_goes_on_where_it_does_not(tmp_path: Path, absent: Reply) -> None:
    with desk(Server(identities=False, absent=absent), tmp_path) as (place, _):
        introduce(place, ["sandbox"])
