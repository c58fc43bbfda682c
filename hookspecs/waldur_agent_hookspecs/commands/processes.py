"""One process at a time, with a session of its own and no pipe that could break.

So a command that runs when the agent has to stop is left to finish and finds nothing broken, a child that it leaves
behind keeps nobody waiting, and no full disk cuts its output.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import IO, Final

from .answers import CommandLost

LAST_WORDS_SECONDS: Final = 5.0
SHOWN: Final = 200


def start(
    argv: Sequence[str],
    *,
    given: IO[bytes] | None = None,
    output: IO[bytes] | int,
    errors: IO[bytes],
    environ: Mapping[str, str],
    hold: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a program; no shell ever sees its arguments.

    Args:
        argv: Its path, and complete arguments.
        given: What it reads; without it it finds the end of its input at once, and asks nobody anything.
        output: Where it writes to, as for :class:`subprocess.Popen`.
        errors: Where it complains.
        environ: Its whole environment.
        hold: File descriptors that it keeps open while it runs.

    Raises:
        CommandLost: it cannot be started.
    """
    try:
        return subprocess.Popen(  # noqa: S603 - an argument list, no shell; what is in it is checked by the caller
            argv,
            stdin=subprocess.DEVNULL if given is None else given,
            stdout=output,
            stderr=errors,
            env=dict(environ),
            start_new_session=True,
            pass_fds=tuple(hold),
        )
    except OSError as error:
        raise CommandLost(f"{argv[0]} cannot be started: {error.strerror}") from error


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process and what it started: asked first, then killed. A child may be left when the process is gone."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=LAST_WORDS_SECONDS)


def in_memory(name: str) -> IO[bytes]:
    """A file that no full disk can cut, and that a command may go on writing to when nobody reads it any more."""
    return os.fdopen(os.memfd_create(f"waldur-agent-{name}"), "w+b")


def text(file: IO[bytes], most: int = -1) -> str:
    """What is in such a file, or the first ``most`` bytes of it."""
    file.seek(0)
    return file.read(most).decode(errors="replace")


def by_signal(status: int) -> str:
    """Says which signal ended a process whose ``returncode`` is below 0."""
    return f"was ended by signal {-status} ({signal.strsignal(-status)})"


def shown(argv: Sequence[str]) -> str:
    """A command for messages: as it could be typed, but not longer than a person reads."""
    line = shlex.join(argv)
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 40]}… ({len(line)} characters)"
