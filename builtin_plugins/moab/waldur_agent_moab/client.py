"""Runs the ``mam-*`` commands.

A command that is running when the agent has to stop is left to finish on its own: it has a session of its own, no
pipe to the agent that could break, and holds the lock (see :mod:`.lock`) until it is done.
"""

from __future__ import annotations

import logging
import os
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from waldur_agent_hookspecs import NotReady

logger = logging.getLogger(__name__)

READ_SECONDS: Final = 300.0
WRITE_SECONDS: Final = 600.0
"""Large accounts give long listings; whatever takes this long hangs."""

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
        """One line for people: the command, its exit status, the last thing it said, and what may be behind it."""
        said = [line.strip() for line in f"{self.output}\n{self.errors}".splitlines() if line.strip()]
        last = "".join(filter(str.isprintable, said[-1])) if said else "it said nothing"
        root = "" if os.geteuid() == 0 else "; MAM's commands need root, and the agent does not run as root"
        return f"{self.command} ended with exit status {self.status}: {last}{root}"


class CommandFailed(NotReady):
    """A command ended with an error. It may have worked all the same: what is there now has to be read."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.failure())
        self.answer = answer


class CommandLost(NotReady):
    """A command could not be started or did not end: the next one would fare no better."""


class MamClient:
    """Finds MAM's commands and runs them, one at a time.

    Args:
        bin_path: Their directory; None looks them up on ``PATH``, at each call.
        hold: File descriptors that commands keep open while they run.
    """

    def __init__(self, bin_path: Path | None, hold: Sequence[int] = ()) -> None:
        self._bin_path = bin_path
        self._hold = tuple(hold)

    def holding(self, descriptor: int) -> MamClient:
        """The same, with commands that keep ``descriptor`` open."""
        return MamClient(self._bin_path, (descriptor,))

    def find(self, program: str) -> str:
        """Tell where a command is.

        Raises:
            CommandLost: it is not there.
        """
        if self._bin_path is None:
            path = shutil.which(program)
            where = "on PATH; install MAM's commands, add /opt/mam/bin to PATH or set moab_bin_path"
        else:
            path = shutil.which(program, path=str(self._bin_path))
            where = f"in {self._bin_path} (moab_bin_path)"
        if path is None:
            raise CommandLost(f"the command {program} is not {where}")
        return path

    def run(self, program: str, arguments: Sequence[str], *, seconds: float, zone: str = "") -> Answer:
        """Run a command to its end and expect success.

        Args:
            program: Its name.
            arguments: Complete arguments; no shell ever sees them.
            seconds: After this time the command is ended.
            zone: IANA name of the zone in which it reads dates; empty for the host's.

        Raises:
            CommandFailed: its exit status was not 0.
            CommandLost: it is not there, cannot be started, took too long or was ended by a signal.
        """
        shown = shlex.join([program, *arguments])
        with _in_memory("output") as output, _in_memory("errors") as errors:
            began = time.monotonic()
            process = self._start([self.find(program), *arguments], output, errors, zone)
            try:
                status = process.wait(timeout=seconds)
            except subprocess.TimeoutExpired as error:
                _end(process)
                raise CommandLost(
                    f"{shown} did not end within {seconds:.0f} s and was stopped; is MAM well?"
                ) from error
            logger.debug("%s: exit status %s after %.2f s", shown, status, time.monotonic() - began)
            answer = Answer(shown, status, _text(output), _text(errors))
        if status < 0:
            raise CommandLost(f"{shown} was ended by signal {-status} ({signal.strsignal(-status)})")
        if status:
            raise CommandFailed(answer)
        return answer

    def _start(self, argv: Sequence[str], output: IO[bytes], errors: IO[bytes], zone: str) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(  # noqa: S603 - an argument list, no shell; the names in it were checked
                argv,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                env={**os.environ, "LC_ALL": "C", **({"TZ": zone} if zone else {})},
                start_new_session=True,
                pass_fds=self._hold,
            )
        except OSError as error:
            raise CommandLost(f"{argv[0]} cannot be started: {error.strerror}") from error


def _in_memory(name: str) -> IO[bytes]:
    """A file that no full disk can cut, and that a command may go on writing to when nobody reads it any more."""
    return os.fdopen(os.memfd_create(f"mam-{name}"), "w+b")


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
