from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from waldur_agent_exec.client import Program
from waldur_agent_hookspecs import NotReady

from .conftest import Script


def program(script: Script, *words: str, seconds: float = 60, most: int = 1_000_000, **environment: str) -> Program:
    return Program((str(script.path), *words), environment, seconds, most)


def test_a_message_goes_in_and_an_answer_comes_out(script: Script) -> None:
    script.becomes('cat "$0".note; echo "$*"; echo note >&2')
    script.path.with_name("backend.note").write_text("ä ")
    ended = program(script, "--as is", "$HOME; reboot").call(b'{"x": 1}')
    assert (ended.output.decode(), ended.errors, ended.failure) == ("ä --as is $HOME; reboot\n", "note\n", "")
    assert script.asked == {"x": 1}


def test_a_message_of_any_size_is_taken_also_by_a_program_that_does_not_read_it(script: Script) -> None:
    script.path.write_text("#!/bin/sh\necho done\n")
    script.path.chmod(0o755)
    assert program(script).call(b"x" * 10_000_000).output == b"done\n"


def test_the_agents_own_environment_stays_with_the_agent(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WALDUR_TOKEN", "secret")
    monkeypatch.setenv("LC_TIME", "C")
    monkeypatch.setenv("TZ", "Europe/Tallinn")
    script.becomes("env")
    found = dict(line.split("=", 1) for line in program(script, SITE="x").call(b"").output.decode().splitlines())
    assert found["SITE"] == "x"
    assert (found["TZ"], found["LC_TIME"], found["PATH"]) == ("Europe/Tallinn", "C", os.environ["PATH"])
    assert "WALDUR_TOKEN" not in found


def test_what_the_settings_say_of_the_environment_wins(script: Script, tmp_path: Path) -> None:
    script.becomes('echo "$PATH"')
    assert program(script, PATH=f"{tmp_path}:/bin").call(b"").output.decode().strip() == f"{tmp_path}:/bin"
    assert Program(("backend",), {"PATH": f"{tmp_path}:/bin"}, 60).find() == str(script.path)


@pytest.mark.parametrize(
    ("body", "failure"),
    [
        ("exit 3", "ended with exit status 3"),
        ("kill -9 $$", "was ended by signal 9 (Killed)"),
        ("head -c 2000000 /dev/zero", "wrote more than 1000000 bytes on standard output"),
        ("cat /dev/zero", "wrote more than 1000000 bytes on standard output"),
        ("cat /dev/zero >&2", "wrote more than 4194304 bytes on standard error"),
        ("exec sleep 600", "did not end within 2 s (timeout_seconds) and was stopped"),
    ],
)
def test_a_call_that_ends_badly_says_how(script: Script, body: str, failure: str) -> None:
    script.becomes(body)
    assert program(script, seconds=2).call(b"").failure == failure


def _gone(pid: int) -> bool:
    """Whether a process is no more, or only waits to be buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_what_the_program_started_ends_with_it(script: Script, tmp_path: Path) -> None:
    script.becomes(f"trap '' TERM; sleep 600 & echo $! >{tmp_path}/child; trap - TERM; wait")
    assert "was stopped" in program(script, seconds=0.5).call(b"").failure
    child = int((tmp_path / "child").read_text())
    deadline = time.monotonic() + 30
    while not _gone(child) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert _gone(child)


def test_a_child_that_goes_on_keeps_nobody_waiting(script: Script, tmp_path: Path) -> None:
    script.becomes(f"sleep 600 & echo $! >{tmp_path}/child; echo done")
    assert program(script, seconds=30).call(b"").output == b"done\n"
    os.kill(int((tmp_path / "child").read_text()), signal.SIGKILL)


def test_a_program_has_a_session_of_its_own(script: Script) -> None:
    script.becomes("read -r pid name state parent group session rest </proc/$$/stat\ntest $session = $$")
    assert program(script).call(b"").failure == ""


def test_a_program_that_is_not_there_is_told(script: Script) -> None:
    with pytest.raises(NotReady, match=r"the program .*/backend is not there, or this user may not run it"):
        program(script).call(b"")
    script.becomes("true")
    script.path.chmod(0o644)
    with pytest.raises(NotReady, match="is not there, or this user may not run it"):
        program(script).call(b"")


def test_a_script_without_its_interpreter_is_told(script: Script) -> None:
    script.path.write_text("#!/no/such/shell\n")
    script.path.chmod(0o755)
    with pytest.raises(NotReady, match="cannot be started: No such file or directory; does a script begin with #!"):
        program(script).call(b"")


def test_nothing_is_left_open(script: Script) -> None:
    script.becomes("true")
    program(script).call(b"")
    before = len(list(Path("/proc/self/fd").iterdir()))
    program(script).call(b"")
    assert len(list(Path("/proc/self/fd").iterdir())) == before
