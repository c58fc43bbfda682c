from __future__ import annotations

import argparse
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from waldur_agent.emulator import command

START = (
    "import argparse, sys; from waldur_agent.emulator import command; parser = argparse.ArgumentParser(); "
    "command.add_arguments(parser); sys.exit(command.run(parser.parse_args()))"
)


def run(*args: str) -> int:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return command.run(parser.parse_args(args))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serves_until_a_signal_and_ends_with_0(number: signal.Signals, session_at: Callable[..., Any]) -> None:
    arguments = [sys.executable, "-c", START, "--port", "0", "--fault", "status=503,path=/version/"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        ready = process.stdout.readline()
        found = re.fullmatch(r"Waldur emulator: (http://127\.0\.0\.1:\d+/api/) token ([0-9a-f]{40})\n", ready)
        assert found, ready
        session = session_at(found[1], found[2])
        assert session.get("users/me/").json()["username"] == "site-agent"
        assert session.get("version/").status_code == 503
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, "")
    assert out.splitlines() == ["GET /api/users/me/ 200", "GET /api/version/ 503 [status]"]


def test_describing_the_arguments_loads_no_framework() -> None:
    code = (
        "import argparse, sys; from waldur_agent.emulator import command; "
        "command.add_arguments(argparse.ArgumentParser()); "
        "print(sorted({'flask', 'werkzeug', 'pydantic', 'yaml'} & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout == "[]\n"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("users: [", "is no YAML"),
        ("- 1", "a scenario is a mapping"),
        ("offerings: {X: {}}", "say which `provider`"),
    ],
)
def test_bad_scenario_is_one_line_and_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, text: str
) -> None:
    path = tmp_path / "world.yaml"
    path.write_text(content)
    assert run("--scenario", str(path)) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert text in error


def test_bad_fault_is_one_line_and_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--fault", "explode") == 2
    assert "'explode' is none of status" in capsys.readouterr().err


def test_port_in_use_is_one_line_and_1(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert run("--port", str(port)) == 1
    assert f"cannot listen on 127.0.0.1:{port}" in capsys.readouterr().err


def test_a_broker_that_is_not_there_is_said_without_its_password(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert run("--port", "0", "--broker", f"http://guest:secret@127.0.0.1:{port}") == 1
    error = capsys.readouterr().err
    assert f"the broker cannot be used: GET /api/whoami at 127.0.0.1:{port}: " in error
    assert "secret" not in error


@pytest.mark.parametrize("address", ["127.0.0.1:15672", "amqp://127.0.0.1", "http://"])
def test_what_is_no_address_of_a_broker_is_2(capsys: pytest.CaptureFixture[str], address: str) -> None:
    assert run("--broker", address) == 2
    assert "a broker is given as http://USER:PASSWORD@HOST:PORT" in capsys.readouterr().err
