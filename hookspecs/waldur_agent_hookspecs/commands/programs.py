"""Finds the commands of one backend and runs them."""

from __future__ import annotations

import io
import logging
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import IO

from .answers import Answer, CommandLost
from .processes import by_signal, end, in_memory, shown, start, text

logger = logging.getLogger(__name__)

NOTHING: Mapping[str, str] = MappingProxyType({})


class Commands:
    """The commands of one backend, run one at a time, with the agent's environment and messages in English.

    Args:
        directory: Where they are; None looks them up on ``PATH``, at each call.
        setting: The plugin's setting for that directory, for messages.
        install: What brings the commands, for messages: ``install the client commands``.
        suspect: What may be unwell when a command does not end: ``slurmdbd``.
        seconds: How long a command may take, unless the caller says otherwise.
    """

    def __init__(self, directory: Path | None, *, setting: str, install: str, suspect: str, seconds: float) -> None:
        self._directory = directory
        self._setting = setting
        self._install = install
        self._suspect = suspect
        self._seconds = seconds

    def find(self, program: str) -> str:
        """Tell where a command is.

        Raises:
            CommandLost: it is not there.
        """
        if self._directory is None:
            path = shutil.which(program)
            where = f"on PATH; {self._install} or set {self._setting}"
        else:
            path = shutil.which(program, path=str(self._directory))
            where = f"in {self._directory} ({self._setting})"
        if path is None:
            raise CommandLost(f"the command {program} is not {where}")
        return path

    def run(
        self,
        program: str,
        arguments: Sequence[str],
        *,
        seconds: float | None = None,
        hold: Sequence[int] = (),
        environ: Mapping[str, str] = NOTHING,
    ) -> Answer:
        """Run a command to its end, whatever that is. The agent may be stopped meanwhile; the command goes on.

        Args:
            program: Its name.
            arguments: Complete arguments; no shell ever sees them.
            seconds: After this time the command is ended.
            hold: File descriptors that the command keeps open while it runs, such as the one of :func:`locked`.
            environ: What its environment has besides the agent's.

        Raises:
            CommandLost: it is not there, cannot be started, took too long or was ended by a signal.
        """
        command = shown([program, *arguments])
        longest = self._seconds if seconds is None else seconds
        argv = [self.find(program), *arguments]
        with in_memory("output") as output, in_memory("errors") as errors:
            began = time.monotonic()
            process = start(argv, output=output, errors=errors, environ=_environment(environ), hold=hold)
            try:
                status = process.wait(timeout=longest)
            except subprocess.TimeoutExpired as error:
                end(process)
                raise self._too_slow(command, longest) from error
            return _answer(command, status, began, errors, output)

    def read(
        self,
        program: str,
        arguments: Sequence[str],
        take: Callable[[IO[bytes]], object],
        *,
        seconds: float | None = None,
        environ: Mapping[str, str] = NOTHING,
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
            CommandLost: as :meth:`run`.
        """
        command = shown([program, *arguments])
        longest = self._seconds if seconds is None else seconds
        argv = [self.find(program), *arguments]
        with in_memory("errors") as errors:
            began = time.monotonic()
            process = start(argv, output=subprocess.PIPE, errors=errors, environ=_environment(environ))
            if not _taken(process, take, longest):
                raise self._too_slow(command, longest)
            return _answer(command, process.returncode, began, errors)

    def _too_slow(self, command: str, seconds: float) -> CommandLost:
        return CommandLost(f"{command} did not end within {seconds:.0f} s and was stopped; is {self._suspect} well?")


def _environment(environ: Mapping[str, str]) -> dict[str, str]:
    return {**os.environ, "LC_ALL": "C", **environ}


def _taken(process: subprocess.Popen[bytes], take: Callable[[IO[bytes]], object], seconds: float) -> bool:
    """Have a command's output taken, and wait for its end. False: it took too long and was ended."""
    too_late = threading.Event()

    def stop() -> None:
        too_late.set()
        end(process)

    clock = threading.Timer(seconds, stop)
    clock.daemon = True
    clock.start()
    try:
        with process.stdout or io.BytesIO() as output:
            take(output)
        process.wait()
    except BaseException:
        end(process)
        raise
    finally:
        clock.cancel()
    return not too_late.is_set()


def _answer(command: str, status: int, began: float, errors: IO[bytes], output: IO[bytes] | None = None) -> Answer:
    logger.debug("%s: exit status %s after %.2f s", command, status, time.monotonic() - began)
    if status < 0:
        raise CommandLost(f"{command} {by_signal(status)}")
    return Answer(command, status, text(output) if output else "", text(errors))
