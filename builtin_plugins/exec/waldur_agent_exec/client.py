"""Runs the program: one process a call, no shell.

The three streams are files in memory, not pipes. So a program that runs when the agent has to stop is left to finish
on its own and finds nothing broken, a child that it leaves behind keeps nobody waiting, and no amount of output can
block it.
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, Final

from waldur_agent_hookspecs import NotReady

MOST_OUTPUT: Final = 64 * 1024 * 1024
"""Bytes on standard output; 20,000 accounts of 50 members each fit in."""
MOST_ERRORS: Final = 4 * 1024 * 1024
INHERITED: Final = frozenset({"HOME", "LANG", "LOGNAME", "PATH", "SHELL", "TMPDIR", "TZ", "USER"})
"""What the program gets of the agent's environment, with every ``LC_…``: nothing that could hold a token."""

_LOOK_SECONDS: Final = 0.25
_LAST_WORDS_SECONDS: Final = 5.0
_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Ended:
    """How a call ended. ``failure`` says for people what is wrong with it, and is empty where nothing is."""

    output: bytes
    errors: str
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Program:
    """A command and how it is run.

    Attributes:
        command: Path or name, and the arguments of every call.
        environment: Variables beside those of :data:`INHERITED`.
        timeout_seconds: After this time a call is ended.
        most_output: Bytes of standard output after which a call is ended.
    """

    command: Sequence[str]
    environment: Mapping[str, str]
    timeout_seconds: float
    most_output: int = MOST_OUTPUT

    def __str__(self) -> str:
        text = shlex.join(self.command)
        return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"

    def find(self) -> str:
        """Where the program is.

        Raises:
            NotReady: it is not there, or may not be run.
        """
        name = self.command[0]
        path = shutil.which(name, path=self._environment().get("PATH", os.defpath))
        if path is None:
            raise NotReady(
                f"the program {name} is not there, or this user may not run it; see command in the settings"
            )
        return path

    def call(self, message: bytes) -> Ended:
        """Give the program a message and wait for its end, whatever that is.

        Raises:
            NotReady: it is not there or cannot be started.
        """
        argv = [self.find(), *self.command[1:]]
        with _in_memory("request") as request, _in_memory("answer") as output, _in_memory("errors") as errors:
            request.write(message)
            request.seek(0)
            process = self._start(argv, request, output, errors)
            failure = self._wait(process, output, errors)
            return Ended(_content(output, self.most_output), _text(errors), failure)

    def _start(
        self, argv: Sequence[str], request: IO[bytes], output: IO[bytes], errors: IO[bytes]
    ) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(  # noqa: S603 - an argument list of the configuration's own words, no shell
                argv, stdin=request, stdout=output, stderr=errors, env=self._environment(), start_new_session=True
            )
        except OSError as error:
            hint = "does a script begin with #! and the path of an interpreter that is there?"
            raise NotReady(f"{self} cannot be started: {error.strerror}; {hint}") from error

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name in INHERITED or name.startswith("LC_")}
        return kept | dict(self.environment)

    def _wait(self, process: subprocess.Popen[bytes], output: IO[bytes], errors: IO[bytes]) -> str:
        deadline = time.monotonic() + self.timeout_seconds
        while True:
            with suppress(subprocess.TimeoutExpired):
                status = process.wait(timeout=max(0.0, min(_LOOK_SECONDS, deadline - time.monotonic())))
                return self._too_much(output, errors) or _how(status)
            if failure := self._too_much(output, errors):
                break
            if time.monotonic() >= deadline:
                failure = f"did not end within {self.timeout_seconds:g} s (timeout_seconds) and was stopped"
                break
        _end(process)
        return failure

    def _too_much(self, output: IO[bytes], errors: IO[bytes]) -> str:
        if _size(output) > self.most_output:
            return f"wrote more than {self.most_output} bytes on standard output"
        return f"wrote more than {MOST_ERRORS} bytes on standard error" if _size(errors) > MOST_ERRORS else ""


def _how(status: int) -> str:
    if status < 0:
        return f"was ended by signal {-status} ({signal.strsignal(-status)})"
    return f"ended with exit status {status}" if status else ""


@contextmanager
def _in_memory(name: str) -> Iterator[IO[bytes]]:
    with os.fdopen(os.memfd_create(f"exec-{name}"), "w+b") as file:
        yield file


def _size(file: IO[bytes]) -> int:
    return os.fstat(file.fileno()).st_size


def _content(file: IO[bytes], most: int) -> bytes:
    file.seek(0)
    return file.read(most)


def _text(file: IO[bytes]) -> str:
    return _content(file, MOST_ERRORS).decode(errors="replace")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the program and what it started: politely, then not. A child may be left when the program is gone."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=_LAST_WORDS_SECONDS)
