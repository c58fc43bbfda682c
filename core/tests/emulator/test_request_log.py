from __future__ import annotations

from waldur_agent.emulator.request_log import Request, RequestLog


def request(method: str, path: str, status: int | None = 200, fault: str = "") -> Request:
    return Request(method, path, "a=1", "agent", status, handled=True, fault=fault)


def test_requests_are_counted_by_method_and_path() -> None:
    log = RequestLog()
    for item in (request("GET", "/api/a/"), request("GET", "/api/b/"), request("POST", "/api/a/")):
        log.add(item)
    assert (log.count(), log.count("GET"), log.count(path="a/$"), log.count("POST", "b")) == (3, 2, 2, 0)
    log.clear()
    assert log.all() == []


def test_every_request_is_one_line() -> None:
    lines: list[str] = []
    log = RequestLog(lines.append)
    log.add(request("GET", "/api/a/"))
    log.add(request("POST", "/api/b/", None, "drop-after"))
    assert lines == ["GET /api/a/?a=1 200", "POST /api/b/?a=1 no answer [drop-after]"]
