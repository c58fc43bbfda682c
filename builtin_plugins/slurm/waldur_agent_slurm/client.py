"""Runs SLURM's commands.

A command that is running when the agent has to stop is left to finish on its own: it has a session of its own, no
pipe to the agent that could break, and holds the cluster's lock (see :mod:`.lock`) until it is done.
"""

from __future__ import annotations

import io
import logging
import os
import shlex
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO, Final

from waldur_agent_hookspecs import NotReady

from . import parser

logger = logging.getLogger(__name__)

READ_SECONDS: Final = 120.0
WRITE_SECONDS: Final = 600.0
"""Deleting 200 accounts takes slurmdbd 20 s, a large load 10 s: whatever takes this long hangs."""

_LAST_WORDS_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Answer:
    """How a command ended. ``status`` is its exit status."""

    command: str
    status: int
    output: str
    errors: str

    @property
    def said(self) -> str:
        """Everything that the command said, complaints first."""
        return f"{self.errors}\n{self.output}"

    def failure(self) -> str:
        """One line for people: the command, its exit status and the last thing it said."""
        said = parser.last_line(self.errors) or parser.last_line(self.output) or "it said nothing"
        return f"{self.command} ended with exit status {self.status}: {said}"


class CommandFailed(NotReady):
    """A command ended with an error of which nothing says that an object was refused. Carries the answer."""

    def __init__(self, answer: Answer, remedy: str = "") -> None:
        super().__init__(answer.failure() + (f"; {remedy}" if remedy else ""))
        self.answer = answer


class SlurmClient:
    """Finds SLURM's commands and runs them, one at a time.

    Args:
        bin_path: Their directory; None looks them up on ``PATH``, at each call.
        read_seconds: How long a command may take, unless the caller says otherwise.
    """

    def __init__(self, bin_path: Path | None, *, read_seconds: float = READ_SECONDS) -> None:
        self._bin_path = bin_path
        self._read_seconds = read_seconds

    def find(self, program: str) -> str:
        """Tell where a command is.

        Raises:
            NotReady: it is not there.
        """
        if self._bin_path is None:
            path = shutil.which(program)
            where = "on PATH; install SLURM's client commands or set slurm_bin_path"
        else:
            path = shutil.which(program, path=str(self._bin_path))
            where = f"in {self._bin_path} (slurm_bin_path)"
        if path is None:
            raise NotReady(f"the command {program} is not {where}")
        return path

    def run(
        self, program: str, arguments: Sequence[str], *, seconds: float | None = None, hold: Sequence[int] = ()
    ) -> Answer:
        """Run a command to its end, whatever that is.

        Args:
            program: Its name.
            arguments: Complete arguments; no shell ever sees them.
            seconds: After this time the command is ended; without it after that of all that only read.
            hold: File descriptors that the command keeps open while it runs.

        Raises:
            NotReady: it is not there, cannot be started, took too long or was ended by a signal.
        """
        shown = _shown(program, arguments)
        longest = self._read_seconds if seconds is None else seconds
        with _in_memory("output") as output, _in_memory("errors") as errors:
            began = time.monotonic()
            process = self._start([self.find(program), *arguments], output, errors, hold=hold)
            try:
                status = process.wait(timeout=longest)
            except subprocess.TimeoutExpired as error:
                _end(process)
                raise _too_slow(shown, longest) from error
            return _answer(shown, status, began, errors, output)

    def read(
        self,
        program: str,
        arguments: Sequence[str],
        take: Callable[[IO[bytes]], object],
        *,
        seconds: float,
        environ: Mapping[str, str],
    ) -> Answer:
        """Run a command that only reads, and hand its output on while it runs: it never has to fit into memory.

        Args:
            program: Its name.
            arguments: Complete arguments; no shell ever sees them.
            take: Reads the output to its end. What it found counts only when the answer turns out to be a good one;
                what it raises ends the command.
            seconds: After this time the command is ended.
            environ: What its environment has besides the agent's.

        Returns:
            The answer, its output left out.

        Raises:
            NotReady: as :meth:`run`.
        """
        shown = _shown(program, arguments)
        with _in_memory("errors") as errors:
            began = time.monotonic()
            argv = [self.find(program), *arguments]
            process = self._start(argv, subprocess.PIPE, errors, environ=environ)
            if not _taken(process, take, seconds):
                raise _too_slow(shown, seconds)
            return _answer(shown, process.returncode, began, errors)

    def _start(
        self,
        argv: Sequence[str],
        output: IO[bytes] | int,
        errors: IO[bytes],
        *,
        hold: Sequence[int] = (),
        environ: Mapping[str, str] = MappingProxyType({}),
    ) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(  # noqa: S603 - an argument list, no shell; the names in it were checked
                argv,
                stdin=subprocess.DEVNULL,  # at the end of its input sacctmgr would ask "(y/N)" for ever
                stdout=output,
                stderr=errors,
                env={**os.environ, "LC_ALL": "C", **environ},
                start_new_session=True,
                pass_fds=tuple(hold),
            )
        except OSError as error:
            raise NotReady(f"{argv[0]} cannot be started: {error.strerror}") from error


def _in_memory(name: str) -> IO[bytes]:
    """A file that no full disk can cut, and that a command may go on writing to when nobody reads it any more."""
    return os.fdopen(os.memfd_create(f"slurm-{name}"), "w+b")


def _taken(process: subprocess.Popen[bytes], take: Callable[[IO[bytes]], object], seconds: float) -> bool:
    """Have a command's output taken, and wait for its end. False: it took too long and was ended."""
    too_late = threading.Event()

    def end() -> None:
        too_late.set()
        _end(process)

    clock = threading.Timer(seconds, end)
    clock.daemon = True
    clock.start()
    try:
        with process.stdout or io.BytesIO() as output:
            take(output)
        process.wait()
    except BaseException:
        _end(process)
        raise
    finally:
        clock.cancel()
    return not too_late.is_set()


def _answer(shown: str, status: int, began: float, errors: IO[bytes], output: IO[bytes] | None = None) -> Answer:
    logger.debug("%s: exit status %s after %.2f s", shown, status, time.monotonic() - began)
    if status < 0:
        raise NotReady(f"{shown} was ended by signal {-status} ({signal.strsignal(-status)})")
    return Answer(shown, status, _text(output) if output else "", _text(errors))


def _too_slow(shown: str, seconds: float) -> NotReady:
    return NotReady(f"{shown} did not end within {seconds:.0f} s and was stopped; is slurmdbd well?")


def _end(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=_LAST_WORDS_SECONDS)
            return


def _text(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode(errors="replace")


def _shown(program: str, arguments: Sequence[str]) -> str:
    """A command for messages: as it could be typed, but not longer than a person reads."""
    text = shlex.join([program, *arguments])
    return text if len(text) <= 200 else f"{text[:160]}… ({len(text)} characters)"
