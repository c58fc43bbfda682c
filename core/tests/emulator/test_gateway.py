from __future__ import annotations

from http.client import HTTPConnection, IncompleteRead, RemoteDisconnected
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from waldur_agent.emulator.faults import Fault, Kind
from waldur_agent.emulator.records import Order
from waldur_agent.emulator.server import EmulatorServer
from waldur_agent.emulator.state import State


@pytest.fixture
def order(state: State) -> Order:
    return next(iter(state.orders.values()))


def approve(agent: Any, order: Order) -> Any:
    return agent.post(f"marketplace-orders/{order.uuid}/approve_by_provider/", json={})


def test_status_comes_instead_of_the_effect(server: EmulatorServer, agent: Any, order: Order) -> None:
    server.faults.add(Fault(kind=Kind.STATUS, status=503, count=1))
    answer = approve(agent, order)
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "text/html; charset=utf-8")
    assert order.state == "pending-provider"
    assert approve(agent, order).status_code == 200


def test_status_may_come_after_the_effect(server: EmulatorServer, agent: Any, order: Order) -> None:
    server.faults.add(Fault(kind=Kind.STATUS_AFTER))
    assert approve(agent, order).status_code == 502
    assert order.state == "executing"


def test_status_brings_its_own_body_and_retry_after(server: EmulatorServer, agent: Any) -> None:
    server.faults.add(Fault(kind=Kind.STATUS, status=429, retry_after=3, body={"detail": "slow down"}))
    answer = agent.get("users/me/")
    assert (answer.status_code, answer.json()) == (429, {"detail": "slow down"})
    assert answer.headers["Retry-After"] == "3"
    server.faults.replace([Fault(kind=Kind.STATUS, status=403, body="<h1>Proxy</h1>")])
    assert agent.get("users/me/").text == "<h1>Proxy</h1>"


def test_dropped_before_there_was_an_effect(server: EmulatorServer, agent: Any, order: Order) -> None:
    server.faults.add(Fault(kind=Kind.DROP_BEFORE))
    with pytest.raises(requests.ConnectionError):
        approve(agent, order)
    assert order.state == "pending-provider"
    assert [(item.status, item.handled) for item in server.requests.all()] == [(None, False)]


def test_dropped_after_there_was_an_effect(server: EmulatorServer, agent: Any, order: Order) -> None:
    server.faults.add(Fault(kind=Kind.DROP_AFTER))
    with pytest.raises(requests.ConnectionError):
        approve(agent, order)
    assert order.state == "executing"
    assert [(item.status, item.handled) for item in server.requests.all()] == [(None, True)]


def test_dropping_ends_the_connection_without_a_byte(server: EmulatorServer) -> None:
    server.faults.add(Fault(kind=Kind.DROP_BEFORE))
    address = urlsplit(server.root)
    connection = HTTPConnection(str(address.hostname), address.port)
    connection.request("GET", "/api/version/")
    with pytest.raises(RemoteDisconnected):
        connection.getresponse()
    connection.close()


def test_truncated_body_is_shorter_than_announced(server: EmulatorServer) -> None:
    server.faults.add(Fault(kind=Kind.TRUNCATE))
    address = urlsplit(server.root)
    connection = HTTPConnection(str(address.hostname), address.port)
    connection.request("GET", "/api/marketplace-orders/", headers={"Authorization": f"Token {server.token}"})
    answer = connection.getresponse()
    announced = int(answer.headers["Content-Length"])
    with pytest.raises(IncompleteRead) as incomplete:
        answer.read()
    assert len(incomplete.value.partial) == announced // 2
    connection.close()


@pytest.mark.parametrize(("kind", "names"), [(Kind.SHORT_PAGE, ["tides"]), (Kind.EMPTY_PAGE, [])])
def test_page_may_lack_items_that_the_headers_count(
    server: EmulatorServer, agent: Any, kind: Kind, names: list[str]
) -> None:
    whole = agent.get("marketplace-provider-resources/?field=name")
    server.faults.add(Fault(kind=kind))
    answer = agent.get("marketplace-provider-resources/?field=name")
    assert [item["name"] for item in answer.json()] == names
    assert answer.headers["X-Result-Count"] == "3"
    assert answer.headers["Link"] == whole.headers["Link"]
    assert agent.get("users/me/").json()["username"] == "agent", "what is no list stays as it is"


def test_page_may_repeat_the_one_before_it(server: EmulatorServer, agent: Any) -> None:
    server.faults.add(Fault(kind=Kind.DUPLICATE_PAGE))
    url = "marketplace-provider-resources/?field=name&page_size=1"
    pages = [agent.get(f"{url}&page={number}") for number in (1, 2, 3)]
    assert [page.json()[0]["name"] for page in pages] == ["tides", "tides", "atlas"]
    assert 'rel="next"' not in pages[2].headers["Link"]


def test_latency_delays_and_changes_nothing_else(server: EmulatorServer, agent: Any) -> None:
    server.faults.add(Fault(kind=Kind.LATENCY, seconds=30))
    with pytest.raises(requests.ReadTimeout):
        agent.get("users/me/", timeout=0.2)
    server.faults.replace([Fault(kind=Kind.LATENCY, seconds=0.01)])
    assert agent.get("users/me/").status_code == 200


def test_nothing_is_answered_while_a_test_holds_the_lock(server: EmulatorServer, agent: Any) -> None:
    with server.state.lock, pytest.raises(requests.ReadTimeout):
        agent.get("users/me/", timeout=0.2)
    assert agent.get("users/me/").status_code == 200


def test_log_names_the_fault_and_holds_no_token(server: EmulatorServer, agent: Any) -> None:
    server.faults.add(Fault(kind=Kind.STATUS, nth=1))
    headers = {"User-Agent": "waldur-site-agent-report/1"}
    agent.get("marketplace-orders/?state=done", headers=headers)
    agent.get("users/me/")
    first, second = server.requests.all()
    assert (first.query, first.status, first.fault) == ("state=done", 502, "status")
    assert first.user_agent == "waldur-site-agent-report/1"
    assert (second.status, second.fault) == (200, "")
    assert server.token not in repr(server.requests.all())
