"""What Python did meanwhile: files written, processes started, addresses connected to, seconds slept."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, SupportsIndex

STARTS: Final = {"subprocess.Popen", "os.system", "os.fork", "os.posix_spawn", "os.exec", "_thread.start_new_thread"}
REACHES: Final = {"socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo", "sqlite3.connect"}
WRITES: Final = {"os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.chmod", "os.truncate"}
WAITS: Final = {"time.sleep"}
EFFECTS: Final = STARTS | REACHES | WRITES | WAITS
"""Audit events that are more than thinking. Reading files is not among them: an import does that, too."""

_WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_BYTECODE: Final = (".pyc", "__pycache__")

_watch = threading.local()
_listening = threading.Event()


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    seen: Counter[str] | None = getattr(_watch, "seen", None)
    if seen is None:
        return
    if event in EFFECTS:
        seen[_told(event, arguments)] += 1
    elif event == "open" and not isinstance(arguments[0], int) and arguments[2] & _WRITING:  # an int is a pipe
        seen[_told("open for writing", arguments)] += 1


def _told(event: str, arguments: tuple[Any, ...]) -> str:
    about = next((str(one) for one in arguments if isinstance(one, str | bytes | int | float | tuple | list)), "")
    return f"{event} {about}".strip()[:120]


@contextmanager
def watched() -> Iterator[Counter[str]]:
    """Count what this thread does in the context: what was done, to how often."""
    _listen()
    seen: Counter[str] = Counter()
    before = getattr(_watch, "seen", None)
    _watch.seen = seen
    try:
        with _sleep_told():
            yield seen
    finally:
        _watch.seen = before
        for told in [told for told in seen if any(part in told for part in _BYTECODE)]:
            del seen[told]


@contextmanager
def _sleep_told() -> Iterator[None]:
    """Tell of sleeping what Python tells by itself from 3.13 on."""
    if sys.version_info >= (3, 13):
        yield
        return
    sleep = time.sleep

    def told(seconds: float | SupportsIndex, /) -> None:
        _hear("time.sleep", (seconds,))
        sleep(seconds)

    time.sleep = told
    try:
        yield
    finally:
        time.sleep = sleep


def _listen() -> None:
    # An audit hook stays for the life of the process, so there is one, which is deaf outside of the context.
    if not _listening.is_set():
        _listening.set()
        sys.addaudithook(_hear)
