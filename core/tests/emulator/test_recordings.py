"""The profile 2024 answers as a real server of that year did: each recorded request is made again, in order.

What is compared: status, content type, headers of interest, relations of pages, the words of refusals, and of all
else the shape: which keys an object has and of which type their values are (null goes with every type).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import requests
from waldur_agent.emulator.profiles import PROFILES
from waldur_agent.emulator.records import Order
from waldur_agent.emulator.scenario import read_scenario
from waldur_agent.emulator.server import EmulatorServer
from waldur_agent.emulator.state import State

FOLDER = Path(__file__).with_name("recordings")
RECORDINGS = [json.loads(line) for line in (FOLDER / "2024.jsonl").read_text(encoding="utf-8").splitlines()]

NO_AGENT_ASKS = "no agent asks for it, so the emulator does not have it"
NOT_REPLAYED = {
    "configuration": NO_AGENT_ASKS,
    "users-list-by-username": NO_AGENT_ASKS,
    "service-providers-keys": NO_AGENT_ASKS,
    "service-providers-keys-as-manager": NO_AGENT_ASKS,
    "service-providers-projects": NO_AGENT_ASKS,
    "service-providers-projects-full": NO_AGENT_ASKS,
    "plan-retrieve": NO_AGENT_ASKS,
    "offering-list-customer-projects": NO_AGENT_ASKS,
    "offering-list-customer-users": NO_AGENT_ASKS,
    "offering-glauth-config": NO_AGENT_ASKS,
    "resource-details": NO_AGENT_ASKS,
    "resource-plan-periods": NO_AGENT_ASKS,
    "resource-set-end-date-by-provider": NO_AGENT_ASKS,
    "slurm-associations-list": NO_AGENT_ASKS,
    "projects-list-by-slug": NO_AGENT_ASKS,
    "projects-list-staff": NO_AGENT_ASKS,
    "project-list-users": NO_AGENT_ASKS,
    "customers-list": NO_AGENT_ASKS,
    "PROBE-remote-eduteams": NO_AGENT_ASKS,
    "PROBE-roles": NO_AGENT_ASKS,
}

# Stands for keys that are data, not form.
OPAQUE = "object"


class Replay:
    """One emulator, asked as the real server was.

    ``names`` are UUIDs of the recorded server to those of the emulator, where a scenario cannot say them.
    """

    def __init__(self, server: EmulatorServer) -> None:
        self.server = server
        self.state: State = server.state
        self.names = {
            "ba696879ed1d4044af47f3cef0a6cd04": self.state.resource("new-alloc").uuid,
            "244e826619514239ab7ee523c0579e2e": self.state.resource("half-created").uuid,
            "edbe4e8fa58144d193da9c7e21f586af": self._account("HPC cluster", "bob"),
            "c0f2672fa81e4f58b8a485c55a112cac": self._account("Second", "alice"),
        }
        self.state.orders["aaa6aef803684eac873045353467d132"].provider_reviewed_by = self.state.agent
        self.session = requests.Session()

    def _account(self, offering: str, login: str) -> str:
        account = self.state.account(self.state.offering(offering), self.state.user(login))
        assert account is not None
        return account.uuid

    def before(self, name: str) -> None:
        """What else happened on the real server between two recordings."""
        if name == "order-approve-update-allocation-not-ok":
            self._order_update()
        if name == "set-usage-three-decimals":
            usages = self.state.usages_of(self.state.resource("genomics-main"))
            self.names["eeb6082e4d364fe9b534158242a64034"] = next(u.uuid for u in usages if u.component.type == "cpu")

    def _order_update(self) -> None:
        resource, now = self.state.resource("new-alloc"), self.state.now()
        self.state.add_order(
            Order(
                uuid="0035b436a45f46e782986e59190b353f",
                type="Update",
                state="pending-provider",
                resource=resource,
                created_by=self.state.user("org-owner"),
                created=now,
                modified=now,
                limits={"gres/gpu": 75},
            )
        )

    def ask(self, recording: dict[str, Any]) -> requests.Response:
        """Make the request."""
        body = self._translated(recording["body"])
        raw = isinstance(body, str)
        return self.session.request(
            recording["method"],
            self.server.root + self._translated(recording["path"]),
            params=self._translated(recording["query"]),
            data=body if raw else None,
            json=None if raw else body,
            headers={
                "User-Agent": "waldur-site-agent-test/1",
                **self._authorization(recording["actor"]),
                **({"Content-Type": "application/json"} if raw else {}),
            },
            allow_redirects=False,
            timeout=30,
        )

    def _authorization(self, actor: str) -> dict[str, str]:
        if actor == "anonymous":
            return {}
        kind, _, token = actor.partition(" ")
        return {"Authorization": f"Token {token if kind == 'token' else self.server.token_of(actor)}"}

    def _translated(self, value: Any) -> Any:
        text = json.dumps(value).replace("{root}", self.server.root)
        for theirs, ours in self.names.items():
            text = text.replace(theirs, ours)
        return json.loads(text)


def differences(recording: dict[str, Any], answer: requests.Response) -> list[str]:
    """What is not as recorded."""
    kind = answer.headers.get("Content-Type", "").partition(";")[0]
    if (answer.status_code, kind) != (recording["status"], recording["type"]):
        return [f"{answer.status_code} {kind}, not {recording['status']} {recording['type']}: {answer.text}"]
    headers = recording.get("headers", {})
    found = [f"{name}: {answer.headers.get(name)}" for name in headers if answer.headers.get(name) != headers[name]]
    if "pages" in recording and list(answer.links) != recording["pages"]:
        found.append(f"pages {list(answer.links)}, not {recording['pages']}")
    if "says" in recording and answer.json() != recording["says"]:
        found.append(f"says {answer.text}, not {recording['says']}")
    if "shape" in recording:
        found += compared(answer.json(), recording["shape"])
    return found


def compared(value: Any, shape: Any, where: str = "") -> list[str]:
    """Where a JSON value does not have a shape."""
    if value is None or shape == "null":
        return []
    if isinstance(shape, str):
        kind = {str: "str", bool: "bool", int: "number", float: "number", dict: OPAQUE}.get(type(value), "list")
        return [] if kind == shape else [f"{where}: {value!r} is no {shape}"]
    if isinstance(shape, list):
        return _compared_list(value, shape, where)
    if not isinstance(value, dict):
        return [f"{where}: {value!r} is no object"]
    shapes = {name.rstrip("?"): item for name, item in shape.items()}
    found = [f"{where}: {name} is missing" for name in shape if name not in value and not name.endswith("?")]
    found += [f"{where}: {name} is too much" for name in value.keys() - shapes.keys()]
    for name in shapes.keys() & value.keys():
        found += compared(value[name], shapes[name], f"{where}.{name}")
    return found


def _compared_list(value: Any, shape: list[Any], where: str) -> list[str]:
    if not isinstance(value, list):
        return [f"{where}: {value!r} is no list"]
    if bool(value) != bool(shape):
        return [f"{where}: {len(value)} items, recorded {'some' if shape else 'none'}"]
    return [difference for item in value for difference in compared(item, shape[0], f"{where}[]")]


@pytest.fixture(scope="module")
def replayed() -> dict[str, list[str]]:
    """Name of the recording to how the emulator's answer differs."""
    found = {}
    with EmulatorServer(read_scenario(FOLDER / "2024.yaml"), profile=PROFILES["2024"]) as server:
        replay = Replay(server)
        for recording in RECORDINGS:
            if recording["name"] not in NOT_REPLAYED:
                replay.before(recording["name"])
                found[recording["name"]] = differences(recording, replay.ask(recording))
        replay.session.close()
    return found


@pytest.mark.parametrize("name", [it["name"] for it in RECORDINGS if it["name"] not in NOT_REPLAYED])
def test_answers_as_recorded(replayed: dict[str, list[str]], name: str) -> None:
    assert replayed[name] == []


def test_what_is_not_replayed_is_recorded_and_the_emulator_lacks_it() -> None:
    assert NOT_REPLAYED.keys() <= {it["name"] for it in RECORDINGS}
