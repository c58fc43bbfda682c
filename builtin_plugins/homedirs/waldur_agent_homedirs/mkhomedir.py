"""Runs ``mkhomedir_helper``, the program by which PAM makes homes.

It makes the directory and those above it, copies ``/etc/skel`` and gives all of it to the user.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from typing import IO, Final

PROGRAM: Final = "mkhomedir_helper"

SECONDS: Final = 60.0
"""Far more than copying a skeleton takes, even onto a busy file system."""

_SBIN: Final = ("/usr/sbin", "/sbin")
"""Not on everybody's ``PATH``, and where distributions put it."""


class HomeNotMade(Exception):  # noqa: N818 - says what is the case, for the reader of the log
    """The program could not be run to a good end. The text has the command and how it ended."""


def find_program() -> str | None:
    """Where the program is; None where it is not."""
    return shutil.which(PROGRAM, path=os.pathsep.join((os.environ.get("PATH", os.defpath), *_SBIN)))


def make_home(program: str, username: str, umask: str, seconds: float = SECONDS) -> None:
    """Make the home of a user whom the operating system knows.

    Args:
        program: Where ``mkhomedir_helper`` is.
        username: It must have been checked: one that begins with ``-`` would be an option.
        umask: Octal digits with a 0 before them, by which the program knows that they are octal.
        seconds: After this time the program is killed.

    Raises:
        HomeNotMade: it cannot be started, did not end in time, or ended badly.
    """
    command = [program, username, umask]
    with tempfile.TemporaryFile() as errors:
        try:
            status = _run(command, errors, seconds)
        except subprocess.TimeoutExpired as error:
            raise HomeNotMade(f"{shlex.join(command)} did not end within {seconds:g} s and was killed") from error
        except OSError as error:
            raise HomeNotMade(f"{shlex.join(command)} cannot be started: {error.strerror}") from error
        if status:
            raise HomeNotMade(f"{shlex.join(command)} ended with exit status {status}: {_last_line(errors)}")


def _run(command: list[str], errors: IO[bytes], seconds: float) -> int:
    return subprocess.run(  # noqa: S603 - an argument list, no shell; the name in it was checked
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        # A file and a session of its own: when the agent is stopped meanwhile, the home is still finished.
        stderr=errors,
        start_new_session=True,
        timeout=seconds,
        check=False,
    ).returncode


def _last_line(errors: IO[bytes]) -> str:
    errors.seek(0)
    lines = errors.read().decode(errors="replace").strip().splitlines()
    return lines[-1].strip() if lines else "it said nothing; its reason is in the system's log (facility authpriv)"
