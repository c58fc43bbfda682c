"""Commands, run on real executables."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

import pytest
from waldur_agent_hookspecs.commands import Answer, CommandFailed, CommandLost, Commands


def _commands(directory: Path | None) -> Commands:
    return Commands(directory, setting="bin_path", install="install the client", suspect="the daemon", seconds=60)


@pytest.fixture
def bin_path(tmp_path: Path) -> Path:
    directory = tmp_path / "bin"
    directory.mkdir()
    return directory


def _command(directory: Path, name: str, script: str) -> None:
    (directory / name).write_text(f"#!/bin/bash\n{script}\n")
    (directory / name).chmod(0o755)


def test_arguments_arrive_as_they_are_and_no_shell_sees_them(bin_path: Path) -> None:
    _command(bin_path, "tool", 'printf "%s\\n" "$@"')
    arguments = ["a b", "$(touch pwned)", "x;y", "'q'", "*"]
    answer = _commands(bin_path).run("tool", arguments, seconds=10)
    assert answer.output.splitlines() == arguments


def test_output_errors_and_status_are_kept_apart(bin_path: Path) -> None:
    _command(bin_path, "tool", "echo out; echo first >&2; echo last >&2; exit 3")
    answer = _commands(bin_path).run("tool", ["list"], seconds=10)
    assert (answer.status, answer.output, answer.errors) == (3, "out\n", "first\nlast\n")
    assert answer.failure() == "tool list ended with exit status 3: last"
    assert str(CommandFailed(answer, "try again")) == "tool list ended with exit status 3: last; try again"


def test_a_large_answer_is_whole(bin_path: Path) -> None:
    _command(bin_path, "tool", "for i in {1..200000}; do echo row $i; done")
    assert _commands(bin_path).run("tool", [], seconds=60).output.endswith("row 200000\n")


def test_the_environment_is_the_agents_with_plain_messages(bin_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOOL_CONF", "/somewhere/tool.conf")
    _command(bin_path, "tool", 'echo "$TOOL_CONF $LC_ALL"; if read line; then echo "stdin: $line"; fi')
    assert _commands(bin_path).run("tool", [], seconds=10).output == "/somewhere/tool.conf C\n"


def test_without_a_directory_commands_are_found_on_path(bin_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _command(bin_path, "tool", "echo mine")
    monkeypatch.setenv("PATH", f"{bin_path}{os.pathsep}{os.environ['PATH']}")
    assert _commands(None).run("tool", [], seconds=10).output == "mine\n"


def test_a_command_that_is_not_there_is_said(bin_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandLost, match=r"tool is not in .*bin_path"):
        _commands(bin_path).run("tool", [], seconds=10)
    monkeypatch.setenv("PATH", str(bin_path))
    with pytest.raises(CommandLost, match="not on PATH; install the client or set bin_path"):
        _commands(None).run("tool", [], seconds=10)


def test_a_file_that_cannot_be_run_is_said(bin_path: Path) -> None:
    (bin_path / "tool").write_bytes(b"\0\1\2")
    (bin_path / "tool").chmod(0o755)
    with pytest.raises(CommandLost, match="cannot be started"):
        _commands(bin_path).run("tool", [], seconds=10)


def test_a_command_that_hangs_is_ended_with_what_it_started(bin_path: Path, tmp_path: Path) -> None:
    _command(bin_path, "tool", f"sleep 300 & echo $! > {tmp_path}/child; wait")
    with pytest.raises(CommandLost, match="did not end within 2 s and was stopped; is the daemon well"):
        _commands(bin_path).run("tool", ["list"], seconds=2)
    _wait_for_the_end_of(tmp_path / "child")


def test_a_command_that_was_killed_did_not_answer(bin_path: Path) -> None:
    _command(bin_path, "tool", "kill -SEGV $$")
    with pytest.raises(CommandLost, match="signal 11"):
        _commands(bin_path).run("tool", ["list"], seconds=10)


def test_long_commands_are_shortened_for_messages(bin_path: Path) -> None:
    _command(bin_path, "tool", "exit 1")
    failure = _commands(bin_path).run("tool", ["name=" + "x" * 5000], seconds=10).failure()
    assert len(failure) < 300


def test_each_command_is_logged_with_its_duration(bin_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    _command(bin_path, "tool", "exit 0")
    with caplog.at_level(logging.DEBUG, logger="waldur_agent_hookspecs.commands.programs"):
        _commands(bin_path).run("tool", ["list"], seconds=10)
    assert "tool list: exit status 0 after" in caplog.text


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_a_command_is_left_to_finish_when_the_agent_is_stopped(bin_path: Path, tmp_path: Path, number: int) -> None:
    _command(bin_path, "tool", f"touch {tmp_path}/begun; sleep 3; echo said; touch {tmp_path}/finished")
    script = (
        "import sys, signal; from pathlib import Path; from waldur_agent_hookspecs.commands import Commands\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))\n"
        f"commands = Commands(Path({str(bin_path)!r}), setting='', install='', suspect='', seconds=60)\n"
        "commands.run('tool', [])"
    )
    agent = subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.DEVNULL)
    _wait_for(tmp_path / "begun")
    agent.send_signal(number)
    agent.wait(timeout=5)
    assert not (tmp_path / "finished").exists()
    _wait_for(tmp_path / "finished")


def _wait_for(path: Path) -> None:
    end = time.monotonic() + 10
    while not path.exists():
        assert time.monotonic() < end, f"{path} does not appear"
        time.sleep(0.02)


def _wait_for_the_end_of(pid: Path) -> None:
    """Its number is in a file; what is dead may wait to be buried by somebody else."""
    status = Path(f"/proc/{pid.read_text().strip()}/stat")
    end = time.monotonic() + 10
    with suppress(FileNotFoundError, ProcessLookupError):
        while status.read_text().split()[2] != "Z":
            assert time.monotonic() < end, "it goes on"
            time.sleep(0.02)


def _read(bin_path: Path, take: Callable[[IO[bytes]], object], *, seconds: float = 10, **environ: str) -> Answer:
    return _commands(bin_path).read("lister", ["-a"], take, seconds=seconds, environ=environ)


def test_output_is_handed_on_while_the_command_runs(bin_path: Path, tmp_path: Path) -> None:
    # It goes on only when its first line has been read.
    _command(bin_path, "lister", f"echo first; until test -e {tmp_path}/read; do sleep 0.01; done; echo last; exit 3")
    taken: list[bytes] = []

    def take(output: IO[bytes]) -> None:
        for line in output:
            taken.append(line)
            (tmp_path / "read").touch()

    answer = _read(bin_path, take)
    assert taken == [b"first\n", b"last\n"]
    assert (answer.status, answer.output) == (3, "")


def test_a_command_that_is_read_from_has_what_is_added_to_the_environment(
    bin_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    _command(bin_path, "lister", 'echo "$TZ $LC_ALL"; echo "complaint" >&2')
    taken: list[bytes] = []
    assert _read(bin_path, taken.extend, TZ="Europe/Tallinn").errors == "complaint\n"
    assert taken == [b"Europe/Tallinn C\n"]
    assert os.environ["TZ"] == "Asia/Tokyo"


@pytest.mark.parametrize("script", ["sleep 300 & echo $! > {0}; wait", "exec >&-; echo $$ > {0}; sleep 300"])
def test_a_command_that_hangs_while_it_is_read_from_is_ended(bin_path: Path, tmp_path: Path, script: str) -> None:
    _command(bin_path, "lister", f"echo row; {script.format(tmp_path / 'child')}")
    with pytest.raises(CommandLost, match="did not end within 2 s and was stopped; is the daemon well"):
        _read(bin_path, list, seconds=2)
    _wait_for_the_end_of(tmp_path / "child")


def test_a_command_that_is_killed_while_it_is_read_from_did_not_answer(bin_path: Path) -> None:
    _command(bin_path, "lister", "echo row; kill -KILL $$")
    with pytest.raises(CommandLost, match="signal 9"):
        _read(bin_path, list)


def test_a_command_whose_output_is_refused_is_ended(bin_path: Path, tmp_path: Path) -> None:
    _command(bin_path, "lister", f"echo $$ > {tmp_path}/pid; echo nonsense; exec sleep 300")

    def refuse(output: IO[bytes]) -> None:
        raise ValueError(output.readline())

    with pytest.raises(ValueError, match="nonsense"):
        _read(bin_path, refuse)
    _wait_for_the_end_of(tmp_path / "pid")
