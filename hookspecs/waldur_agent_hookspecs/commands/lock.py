"""One writer at a time: agents of several offerings and modes may serve the same backend.

The lock is a file that commands inherit (``hold`` of :class:`~.programs.Commands`), so that it is held until a
command has ended, even where the agent that started it was killed. Agents of one backend run as one user; each user
has a directory of its own, as a lock file that everybody could open could be held by anybody.
"""

from __future__ import annotations

import fcntl
import os
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from waldur_agent_hookspecs.errors import NotReady

WAIT_SECONDS: Final = 60.0
_STEP_SECONDS: Final = 0.1


def lock_directory(kind: str) -> Path:
    """Below ``/run/lock`` where that can be written to, else below the directory for temporary files."""
    system = Path("/run/lock")
    parent = system if os.access(system, os.W_OK | os.X_OK) else Path(tempfile.gettempdir())
    return parent / f"waldur-agent-{kind}-{os.geteuid()}"


@contextmanager
def locked(directory: Path, name: str, *, what: str, seconds: float = WAIT_SECONDS) -> Iterator[int]:
    """Hold a lock; yields the descriptor that commands are to keep open.

    Args:
        directory: It is made where it is missing; its parent must be there.
        name: Of what is written to, such as a cluster's; it becomes a part of a file's name.
        what: The same for messages: ``this cluster``.
        seconds: How long to wait for another holder.

    Raises:
        NotReady: another process holds it for longer than ``seconds``, or there is no safe place for it.
    """
    path = _own(directory) / f"{name}.lock"
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise NotReady(f"the lock {path} cannot be opened: {error.strerror}") from error
    try:
        if not _acquired(descriptor, seconds):
            raise NotReady(
                f"another agent, or a command that it left to finish, still works on {what} after {seconds:.0f} s "
                f"(lock {path})"
            )
        yield descriptor
    finally:
        os.close(descriptor)


def _own(directory: Path) -> Path:
    try:
        directory.mkdir(mode=0o700, exist_ok=True)
        found = directory.lstat()
    except OSError as error:
        raise NotReady(f"the directory for locks {directory} cannot be made: {error.strerror}") from error
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o022:
        raise NotReady(f"{directory} must be a directory that only this user can write to; remove it and try again")
    return directory


def _acquired(descriptor: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(_STEP_SECONDS)
        else:
            return True
