"""Starts, finds again and stops long-running programs."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from .programs import search_path

_STEP_SECONDS = 0.05


class SlurmUpError(Exception):
    """Something went wrong that the person who started the cluster should read about."""


@dataclass(frozen=True, slots=True)
class Daemon:
    """One program, known by a file with its pid and start time: a pid alone may be somebody else's later."""

    name: str
    directory: Path
    environment: Mapping[str, str]

    @property
    def log(self) -> Path:
        """What the program prints."""
        return self.directory / "log" / f"{self.name}.out"

    @property
    def _pid_file(self) -> Path:
        return self.directory / "run" / f"{self.name}.pidinfo"

    def pid(self) -> int | None:
        """The pid while it runs; None where it does not."""
        try:
            pid, started = self._pid_file.read_text().split()
        except (OSError, ValueError):
            return None
        return int(pid) if start_time(int(pid)) == started else None

    def start(self, argv: Sequence[str], environment: Mapping[str, str] = MappingProxyType({})) -> None:
        """Start it in a session of its own, unless it runs. ``environment`` is for it alone."""
        if self.pid():
            return
        with self.log.open("ab") as out:
            child = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                cwd=self.directory / "run",
                env={**os.environ, **self.environment, **environment},
            )
        self._pid_file.write_text(f"{child.pid} {start_time(child.pid)}")
        child.returncode = 0  # it outlives this process on purpose; nothing is to wait for it

    def wait_until(self, ready: Callable[[], bool], what: str, seconds: float = 30) -> None:
        """Ask until it is ready.

        Raises:
            SlurmUpError: it ended, or is not ready in time; with the end of its log.
        """
        end = time.monotonic() + seconds
        while not ready():
            dead = self.pid() is None
            if dead or time.monotonic() > end:
                why = "it ended" if dead else f"not ready after {seconds} s"
                raise SlurmUpError(f"{self.name}: {why}, waiting for {what}. End of {self.log}:\n{_tail(self.log)}")
            time.sleep(_STEP_SECONDS)

    def stop(self, seconds: float = 15) -> bool:
        """End it, by force after a while; true where it had been running."""
        pid = self.pid()
        if pid:
            os.kill(pid, signal.SIGTERM)
            end = time.monotonic() + seconds
            while self.pid() and time.monotonic() < end:
                _reap(pid)
                time.sleep(_STEP_SECONDS)
            self._kill(pid)
        self._pid_file.unlink(missing_ok=True)
        return bool(pid)

    def kill(self) -> None:
        """End it at once."""
        if pid := self.pid():
            self._kill(pid)
        self._pid_file.unlink(missing_ok=True)

    def _kill(self, pid: int) -> None:
        while self.pid():
            os.kill(pid, signal.SIGKILL)
            time.sleep(_STEP_SECONDS)
        _reap(pid, 0)  # its other threads may need a moment more, and hold ports until then

    def pause(self) -> None:
        """Keep it from running: what it holds open stays open, and it answers nobody."""
        if pid := self.pid():
            os.kill(pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let it run on, where it was kept from it."""
        if pid := self.pid():
            os.kill(pid, signal.SIGCONT)


def start_time(pid: int) -> str | None:
    """The kernel's start time of a process; None where it is gone or a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else fields[19]


def _reap(pid: int, how: int = os.WNOHANG) -> None:
    try:
        os.waitpid(pid, how)
    except ChildProcessError:
        return  # started by an earlier process


def run(
    argv: Sequence[str], environment: Mapping[str, str] | None = None, *, check: bool = True, seconds: float = 60
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end.

    Raises:
        SlurmUpError: its exit status is not 0, unless ``check`` is false.
    """
    done = subprocess.run(
        argv,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=seconds,
        check=False,
        env={**os.environ, "PATH": search_path(), **(environment or {})},
    )
    if check and done.returncode:
        said = (done.stderr + done.stdout).strip().replace("\n", "\n    ")
        raise SlurmUpError(f"{shlex.join(argv)} ended with {done.returncode}:\n    {said}")
    return done


def listening(port: int) -> bool:
    """Whether something accepts connections to a port of 127.0.0.1."""
    with socket.socket() as tried:
        tried.settimeout(0.3)
        return tried.connect_ex(("127.0.0.1", port)) == 0


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nothing uses now."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]


def processes_with(name: str, variable: str) -> Iterator[int]:
    """Pids of processes of a name that were started with ``variable`` (``KEY=value``) in their environment."""
    for directory in _numbered(Path("/proc").iterdir()):
        try:
            comm = (directory / "comm").read_text().strip()
            if comm == name and variable.encode() in (directory / "environ").read_bytes().split(b"\0"):
                yield int(directory.name)
        except OSError:
            continue


def _numbered(directories: Iterable[Path]) -> Iterator[Path]:
    return (directory for directory in directories if directory.name.isdigit())


def _tail(path: Path, lines: int = 25) -> str:
    try:
        return "\n".join(f"    {line}" for line in path.read_text(errors="replace").splitlines()[-lines:])
    except OSError as error:
        return f"    ({error})"
