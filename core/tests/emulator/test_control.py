from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from waldur_agent.emulator.server import EmulatorServer


@pytest.fixture
def control(server: EmulatorServer, session_at: Callable[[str], Any]) -> Any:
    return session_at(f"{server.root}/_emulator/")


def test_requests_are_listed_and_forgotten(control: Any, agent: Any) -> None:
    agent.get("users/me/", headers={"User-Agent": "waldur-site-agent/1"})
    assert control.get("requests").json() == [
        {
            "method": "GET",
            "path": "/api/users/me/",
            "query": "",
            "user_agent": "waldur-site-agent/1",
            "status": 200,
            "handled": True,
            "fault": "",
        }
    ]
    assert control.delete("requests").status_code == 204
    assert control.get("requests").json() == [], "asking here leaves no trace either"


def test_faults_are_added_replaced_and_cleared(control: Any, agent: Any) -> None:
    assert control.post("faults", json={"kind": "status", "status": 503}).status_code == 204
    assert agent.get("users/me/").status_code == 503
    [report] = control.get("faults").json()
    assert (report["kind"], report["matched"], report["hit"]) == ("status", 1, 1)
    assert control.put("faults", json=[{"kind": "status", "status": 504}]).status_code == 204
    assert agent.get("users/me/").status_code == 504
    assert control.delete("faults").status_code == 204
    assert agent.get("users/me/").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "text"),
    [
        ("POST", "faults", {"kind": "explode"}, "kind: Input should be"),
        ("POST", "faults", None, "0: Input should be"),
        ("PUT", "faults", {"kind": "status"}, "Input should be a valid list"),
        ("POST", "seed", {"seed": "x"}, 'expected {"seed": a number}'),
        ("POST", "clock", {}, 'expected {"shift_seconds": a number}'),
    ],
)
def test_mistakes_are_named(control: Any, method: str, path: str, body: Any, text: str) -> None:
    answer = control.request(method, path, json=body)
    assert answer.status_code == 400
    assert text in answer.json()["detail"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "text"),
    [
        ("GET", "events", None, 409, "start the emulator with --broker"),
        ("DELETE", "events", None, 409, "start the emulator with --broker"),
        ("POST", "events", {"object_type": "order", "payload": {}}, 409, "start the emulator with --broker"),
        ("POST", "events", {"object_type": "order", "payload": {}, "offering": "Moon"}, 400, "no offering 'Moon'"),
        ("POST", "events", {"payload": {}}, 400, "object_type: Field required"),
        ("PUT", "event-faults", {"drop": 1}, 409, "start the emulator with --broker"),
    ],
)
def test_events_need_a_broker(control: Any, method: str, path: str, body: Any, status: int, text: str) -> None:
    answer = control.request(method, path, json=body)
    assert (answer.status_code, text in answer.json()["detail"]) == (status, True), answer.text


def test_no_fault_hits_the_control_itself(control: Any) -> None:
    control.post("faults", json={"kind": "drop-before"})
    assert control.get("faults").status_code == 200


def test_clock_and_seed_are_set(control: Any, server: EmulatorServer) -> None:
    before = server.state.now()
    assert control.post("clock", json={"shift_seconds": 86400}).status_code == 204
    assert (server.state.now() - before).days == 1
    assert control.post("seed", json={"seed": 7}).status_code == 204


def test_summary_counts_by_state(control: Any) -> None:
    assert control.get("summary").json() == {
        "orders": {"pending-provider": 3},
        "resources": {"OK": 2, "Creating": 1},
    }
