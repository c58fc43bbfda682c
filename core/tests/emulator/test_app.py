from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from waldur_agent.emulator.server import EmulatorServer
from waldur_agent.emulator.state import State

Sessions = Callable[[str], Any]


@pytest.mark.parametrize("scheme", ["Token", "token", "TOKEN", "Bearer"])
def test_token_opens_the_api(server: EmulatorServer, anonymous: Any, scheme: str) -> None:
    headers = {"Authorization": f"{scheme} {server.token}"}
    assert anonymous.get("users/me/", headers=headers).json()["username"] == "agent"


@pytest.mark.parametrize(
    ("header", "text"),
    [
        ("", "Authentication credentials were not provided."),
        ("Basic abc", "Authentication credentials were not provided."),
        ("Token ffff", "Invalid token."),
    ],
)
def test_without_a_good_token_everything_is_401(anonymous: Any, header: str, text: str) -> None:
    answer = anonymous.get("marketplace-orders/", headers={"Authorization": header} if header else {})
    assert (answer.status_code, answer.json()) == (401, {"detail": text})
    assert answer.headers["WWW-Authenticate"] == "Token"


def test_expired_token_and_inactive_user_are_401(agent: Any, state: State) -> None:
    user = state.user("agent")
    user.token_expires = datetime(2001, 1, 1, tzinfo=UTC)
    assert agent.get("users/me/").json() == {"detail": "Token has expired."}
    user.active = False
    assert agent.get("users/me/").json() == {"detail": "User inactive or deleted."}


def test_unknown_path_is_an_html_404_with_and_without_a_token(agent: Any, anonymous: Any) -> None:
    for answer in (agent.get("no-such-endpoint/"), anonymous.get("no-such-endpoint/")):
        assert answer.status_code == 404
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert "The requested resource was not found on this server." in answer.text


def test_wrong_method_is_a_json_405(agent: Any, state: State) -> None:
    uuid = state.resource("tides").uuid
    answer = agent.put(f"marketplace-provider-resources/{uuid}/", json={})
    assert (answer.status_code, answer.json()) == (405, {"detail": 'Method "PUT" not allowed.'})
    assert "GET" in answer.headers["Allow"]


def test_missing_last_slash_is_a_301_without_a_host(agent: Any) -> None:
    answer = agent.get("users/me")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/api/users/me/")
    answer = agent.post("marketplace-component-usages/set_usage?x=1", json={})
    assert (answer.status_code, answer.headers["Location"]) == (
        301,
        "/api/marketplace-component-usages/set_usage/?x=1",
    )


@pytest.mark.parametrize(
    ("body", "status", "answer"),
    [
        ('{"usages": [', 400, {"detail": "JSON parse error - Expecting value: line 1 column 13 (char 12)"}),
        ("[]", 400, {"non_field_errors": ["Invalid data. Expected a dictionary, but got list."]}),
    ],
)
def test_malformed_bodies_are_400(agent: Any, body: str, status: int, answer: Any) -> None:
    headers = {"Content-Type": "application/json"}
    got = agent.post("marketplace-component-usages/set_usage/", data=body, headers=headers)
    assert (got.status_code, got.json()) == (status, answer)


def test_other_bodies_than_json_are_415(agent: Any) -> None:
    got = agent.post("marketplace-component-usages/set_usage/", data="x", headers={"Content-Type": "text/plain"})
    assert (got.status_code, got.json()) == (415, {"detail": 'Unsupported media type "text/plain" in request.'})


def test_head_gives_the_headers_of_a_list_only(agent: Any) -> None:
    answer = agent.head("marketplace-orders/?page_size=2")
    assert (answer.status_code, answer.content, answer.headers["X-Result-Count"]) == (200, b"", "3")
    assert 'rel="next"' in answer.headers["Link"]
    assert int(answer.headers["Content-Length"]) > 2


def test_lists_come_in_pages_whose_links_lead_through_all(agent: Any, server: EmulatorServer) -> None:
    names, url = [], "marketplace-provider-resources/?page_size=2&field=name"
    while url:
        answer = agent.get(url)
        names += [item["name"] for item in answer.json()]
        url = answer.links.get("next", {}).get("url", "").removeprefix(server.url)
    assert names == ["tides", "atlas", "waves"]
    assert agent.get("marketplace-provider-resources/?page_size=2&page=3").json() == {"detail": "Invalid page."}


def test_a_fault_of_the_emulator_is_an_html_500(agent: Any, state: State, caplog: pytest.LogCaptureFixture) -> None:
    state.resource("tides").limits = {"gres/gpu": object()}
    answer = agent.get("marketplace-provider-resources/")
    assert (answer.status_code, answer.headers["Content-Type"]) == (500, "text/html; charset=utf-8")
    assert "Traceback" in caplog.text
