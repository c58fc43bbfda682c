from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import pytest
from services.scripted_http import Asked, Reply, Script, scripted
from waldur_agent.waldur.connection import ATTEMPTS, Connection
from waldur_agent.waldur.errors import (
    EndpointMissing,
    NotFound,
    Refused,
    Unauthorized,
    Unavailable,
    WaldurError,
    WrongState,
)

TOKEN = "0123456789abcdef0123456789abcdef01234567"


@contextmanager
def talking(answer: Callable[[Asked], Reply]) -> Iterator[tuple[Connection, Script]]:
    with scripted(answer) as script:
        connection = Connection(script.url, TOKEN, user_agent="waldur-site-agent-test/1")
        try:
            yield connection, script
        finally:
            connection.close()


def failing(times: int, reply: Reply, then: Reply) -> Callable[[Asked], Reply]:
    left = iter(range(times))
    return lambda _: reply if next(left, None) is not None else then


def test_every_request_carries_token_and_agent_name() -> None:
    with talking(lambda _: Reply(body={})) as (connection, script):
        connection.get("users/me/")
        connection.post("x/", {"a": 1})
    for asked in script.asked:
        assert asked.headers["Authorization"] == f"Token {TOKEN}"
        assert asked.headers["User-Agent"] == "waldur-site-agent-test/1"
    assert script.asked[1].body == '{"a": 1}'


def test_a_netrc_does_not_replace_the_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with talking(lambda _: Reply(body={})) as (connection, script):
        connection.get("users/me/")
    assert script.asked[0].headers["Authorization"] == f"Token {TOKEN}"


def test_lists_become_repeated_keys_and_booleans_words() -> None:
    with talking(lambda _: Reply(body=[])) as (connection, script):
        connection.get("orders/", {"state": ["a b", "c"], "restricted": False, "page": 2})
    assert script.asked[0].path == "/api/orders/?state=a+b&state=c&restricted=false&page=2"


def test_decimals_stay_exact_and_an_empty_body_is_none() -> None:
    with talking(lambda asked: Reply(body='{"a": 0.1}' if asked.method == "GET" else None)) as (connection, _):
        assert connection.get("x/").body == {"a": Decimal("0.1")}
        assert connection.post("x/").body is None


@pytest.mark.parametrize(
    "fault",
    [
        Reply(502, "<html>bad gateway</html>", content_type="text/html"),
        Reply(drop=True),
        Reply(body={"a": "b" * 100}, cut=20),
        Reply(body="<html>login</html>", content_type="text/html"),
        Reply(429, {"detail": "slow down"}, {"Retry-After": "0"}),
    ],
    ids=["502", "dropped", "cut", "no json", "429"],
)
def test_a_passing_fault_of_a_get_is_repeated(fault: Reply) -> None:
    with talking(failing(2, fault, Reply(body=[1]))) as (connection, script):
        assert connection.get("x/").body == [1]
    assert len(script.asked) == 3


def test_a_lasting_fault_ends_as_unavailable_after_bounded_attempts() -> None:
    gone = Reply(503, "<html/>", content_type="text/html")
    with (
        talking(lambda _: gone) as (connection, script),
        pytest.raises(Unavailable, match=r"GET http://127.*/x/: 503"),
    ):
        connection.get("x/")
    assert len(script.asked) == ATTEMPTS


@pytest.mark.parametrize("fault", [Reply(502, {}), Reply(drop=True), Reply(body={"a": 1}, cut=3)])
def test_a_failed_post_is_not_repeated_since_it_may_have_had_its_effect(fault: Reply) -> None:
    with talking(lambda _: fault) as (connection, script), pytest.raises(Unavailable):
        connection.post("x/", {})
    assert len(script.asked) == 1


def test_a_post_is_repeated_after_429() -> None:
    with talking(failing(1, Reply(429, {}, {"Retry-After": "0"}), Reply(body={"ok": 1}))) as (connection, script):
        assert connection.post("x/").body == {"ok": 1}
    assert len(script.asked) == 2


def test_no_wait_once_the_agent_is_asked_to_end() -> None:
    stop = threading.Event()
    stop.set()
    with scripted(lambda _: Reply(429, {}, {"Retry-After": "3600"})) as script:
        connection = Connection(script.url, TOKEN, user_agent="waldur-site-agent-test/1", stop=stop)
        with pytest.raises(Unavailable):
            connection.get("x/")
        connection.close()
    assert len(script.asked) == 1


@pytest.mark.parametrize(
    ("reply", "kind", "text"),
    [
        (Reply(400, {"state": ["no such"]}), Refused, r'400 \{"state": \["no such"\]\}'),
        (Reply(401, {"detail": "Invalid token."}), Unauthorized, "Invalid token.*check waldur_api_token"),
        (Reply(403, {"detail": "No."}), Refused, "403.*role"),
        (Reply(404, {"detail": "Not found."}), NotFound, "not visible to this token"),
        (Reply(404, "<html>", content_type="text/html"), EndpointMissing, "does not have it"),
        (Reply(405, {"detail": "no"}), EndpointMissing, "405"),
        (Reply(409, {"detail": "Valid states: executing."}), WrongState, "Valid states"),
        (Reply(424, {"detail": "needs another"}), Refused, "424"),
        (Reply(301, None, {"Location": "https://elsewhere/api/x/"}), Refused, "elsewhere.*waldur_api_url"),
    ],
)
def test_answers_become_errors_that_say_what_to_do(reply: Reply, kind: type[WaldurError], text: str) -> None:
    with talking(lambda _: reply) as (connection, script), pytest.raises(kind, match=text) as caught:
        connection.post("x/", {})
    assert type(caught.value) is kind
    assert len(script.asked) == 1
    assert TOKEN not in str(caught.value)


def test_a_server_that_is_not_there_is_named() -> None:
    connection = Connection("http://127.0.0.1:9/api/", TOKEN, user_agent="waldur-site-agent-test/1")
    with pytest.raises(Unavailable, match=r"POST http://127.0.0.1:9/api/x/: no answer .*refused"):
        connection.post("x/")
    connection.close()


def test_certificates_that_are_not_there_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))
    stopped = threading.Event()
    stopped.set()
    connection = Connection("https://127.0.0.1:9/api/", "tok", user_agent="waldur-site-agent-test/1", stop=stopped)
    with pytest.raises(Unavailable, match=r"GET .*users/me/: no answer \(OSError: .*none.pem"):
        connection.get("users/me/")
    connection.close()


def test_the_token_is_in_no_repr() -> None:
    connection = Connection("http://127.0.0.1:9/api/", TOKEN, user_agent="waldur-site-agent-test/1")
    assert TOKEN not in repr(vars(connection))
    connection.close()


def test_connections_are_reused() -> None:
    with talking(lambda _: Reply(body=[])) as (connection, script):
        for _ in range(5):
            connection.get("x/")
    assert len({asked.port for asked in script.asked}) == 1
