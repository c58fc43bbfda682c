"""One writer at a time: agents of several offerings and modes may serve the same MAM.

The lock is a file that MAM's commands inherit, so that it is held until a command has ended, even where the agent
that started it was killed: a deposit that is still under way is waited for, and then read back.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from waldur_agent_hookspecs import NotReady

WAIT_SECONDS: Final = 60.0
_STEP_SECONDS: Final = 0.1


def lock_directory() -> Path:
    """``/run/lock`` where it can be written to, else the directory for temporary files."""
    system = Path("/run/lock")
    parent = system if os.access(system, os.W_OK | os.X_OK) else Path(tempfile.gettempdir())
    return parent / f"waldur-agent-moab-{os.geteuid()}"


def lock_name(program: str) -> str:
    """The name of the lock of the MAM that a command belongs to: one per directory of commands."""
    folder = str(Path(program).resolve().parent)
    return f"{hashlib.sha256(folder.encode()).hexdigest()[:16]}.lock"


@contextmanager
def mam_lock(path: Path, *, seconds: float = WAIT_SECONDS) -> Iterator[int]:
    """Hold a lock; yields the descriptor that commands are to keep open.

    Raises:
        NotReady: another process holds it for longer than ``seconds``, or there is no safe place for it.
    """
    _make_private(path.parent)
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise NotReady(f"the lock {path} cannot be opened: {error.strerror}") from error
    try:
        _acquire(descriptor, path, seconds)
        yield descriptor
    finally:
        os.close(descriptor)


def _make_private(directory: Path) -> None:
    try:
        directory.mkdir(mode=0o700, exist_ok=True)
        found = directory.lstat()
    except OSError as error:
        raise NotReady(f"the directory for locks {directory} cannot be made: {error.strerror}") from error
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o022:
        raise NotReady(f"{directory} must be a directory that only this user can write to; remove it and try again")


def _acquire(descriptor: int, path: Path, seconds: float) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() >= end:
                raise NotReady(
                    f"another agent, or a command that it left to finish, still works on MAM after {seconds:.0f} s "
                    f"(lock {path})"
                ) from error
            time.sleep(_STEP_SECONDS)
        else:
            return
