"""Runs the program: one process a call, no shell.

The three streams are files in memory, not pipes. So a program that runs when the agent has to stop is left to finish
on its own and finds nothing broken, a child that it leaves behind keeps nobody waiting, and no amount of output can
block it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Final

from waldur_agent_hookspecs import NotReady
from waldur_agent_hookspecs.commands import CommandLost
from waldur_agent_hookspecs.commands.processes import by_signal, end, in_memory, shown, start, text

MOST_OUTPUT: Final = 64 * 1024 * 1024
"""Bytes on standard output; 20,000 accounts of 50 members each fit in."""
MOST_ERRORS: Final = 4 * 1024 * 1024
INHERITED: Final = frozenset({"HOME", "LANG", "LOGNAME", "PATH", "SHELL", "TMPDIR", "TZ", "USER"})
"""What the program gets of the agent's environment, with every ``LC_…``: nothing that could hold a token."""

_LOOK_SECONDS: Final = 0.25


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
        return shown(self.command)

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
        with in_memory("request") as request, in_memory("answer") as output, in_memory("errors") as errors:
            request.write(message)
            request.seek(0)
            process = self._start(argv, request, output, errors)
            failure = self._wait(process, output, errors)
            return Ended(_content(output, self.most_output), text(errors, MOST_ERRORS), failure)

    def _start(
        self, argv: Sequence[str], request: IO[bytes], output: IO[bytes], errors: IO[bytes]
    ) -> subprocess.Popen[bytes]:
        try:
            return start(argv, given=request, output=output, errors=errors, environ=self._environment())
        except CommandLost as error:
            hint = "does a script begin with #! and the path of an interpreter that is there?"
            raise NotReady(f"{error}; {hint}") from error

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
        end(process)
        return failure

    def _too_much(self, output: IO[bytes], errors: IO[bytes]) -> str:
        if _size(output) > self.most_output:
            return f"wrote more than {self.most_output} bytes on standard output"
        return f"wrote more than {MOST_ERRORS} bytes on standard error" if _size(errors) > MOST_ERRORS else ""


def _how(status: int) -> str:
    if status < 0:
        return by_signal(status)
    return f"ended with exit status {status}" if status else ""


def _size(file: IO[bytes]) -> int:
    return os.fstat(file.fileno()).st_size


def _content(file: IO[bytes], most: int) -> bytes:
    file.seek(0)
    return file.read(most)
