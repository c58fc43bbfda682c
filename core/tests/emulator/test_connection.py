from __future__ import annotations

import socket
import threading
import time
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from waldur_agent.emulator.faults import Fault, Kind
from waldur_agent.emulator.scenario import Scenario
from waldur_agent.emulator.server import EmulatorServer


def connect(server: EmulatorServer) -> HTTPConnection:
    address = urlsplit(server.root)
    return HTTPConnection(str(address.hostname), address.port, timeout=10)


def test_connection_serves_many_requests(server: EmulatorServer) -> None:
    connection = connect(server)
    headers = {"Authorization": f"Token {server.token}"}
    connection.connect()
    port = connection.sock.getsockname()[1]
    for method, path, body in (
        ("GET", "/api/version/", None),
        ("POST", "/api/marketplace-component-usages/set_usage/", b'{"usages": []}'),
        ("HEAD", "/api/marketplace-orders/", None),
        ("GET", "/api/no-such-endpoint/", None),
        ("GET", "/api/users/me/", None),
    ):
        connection.request(method, path, body, headers | {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        assert answer.version == 11
        assert connection.sock.getsockname()[1] == port
    connection.close()


def test_body_in_chunks_is_read(server: EmulatorServer) -> None:
    connection = connect(server)
    headers = {"Authorization": f"Token {server.token}", "Content-Type": "application/json"}
    pieces = iter([b'{"usages"', b": []}"])
    path = "/api/marketplace-component-usages/set_usage/"
    connection.request("POST", path, pieces, headers, encode_chunked=True)
    answer = connection.getresponse()
    assert b"Either plan_period or resource" in answer.read()
    connection.close()


def test_head_gets_no_body_even_of_a_fault(server: EmulatorServer) -> None:
    server.faults.add(Fault(kind=Kind.STATUS, status=502))
    address = urlsplit(server.root)
    with socket.create_connection((str(address.hostname), address.port or 0), timeout=10) as raw:
        raw.sendall(b"HEAD /api/version/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = b"".join(iter(lambda: raw.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 502 Bad Gateway\r\n")
    assert answer.endswith(b"\r\n\r\n")


def test_stopping_hangs_up_on_open_connections_and_frees_the_port(scenario: Scenario) -> None:
    server = EmulatorServer(scenario).start()
    connection = connect(server)
    connection.request("GET", "/api/version/")
    connection.getresponse().read()
    port = urlsplit(server.root).port
    before = threading.active_count()
    server.stop()
    assert connection.sock.recv(1) == b""
    connection.close()
    assert threading.active_count() < before
    with socket.create_server(("127.0.0.1", port or 0)):
        pass
    server.stop()


def test_stopping_does_not_wait_for_latency(scenario: Scenario) -> None:
    server = EmulatorServer(scenario, faults=[Fault(kind=Kind.LATENCY, seconds=600)]).start()
    connection = connect(server)
    connection.request("GET", "/api/version/")
    deadline = time.monotonic() + 20
    while not server.faults.report()[0]["hit"] and time.monotonic() < deadline:
        time.sleep(0.01)
    stopping = threading.Thread(target=server.stop, daemon=True)
    stopping.start()
    stopping.join(20)
    assert not stopping.is_alive()
    assert server.faults.report()[0]["hit"] == 1
    connection.close()


def test_caller_that_goes_away_leaves_no_traceback(server: EmulatorServer, capfd: pytest.CaptureFixture[str]) -> None:
    server.faults.add(Fault(kind=Kind.LATENCY, seconds=0.1, count=1))
    connection = connect(server)
    connection.request("GET", "/api/version/")
    connection.close()
    again = connect(server)
    again.request("GET", "/api/version/")
    assert again.getresponse().status == 401
    again.close()
    server.stop()
    assert capfd.readouterr().err == ""
