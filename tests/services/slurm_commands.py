"""Wrappers around SLURM's commands: they keep a list of what was run, and fail, hang, cut or kill where told to."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

WRAPPED: Final = ("sacctmgr", "squeue", "scancel", "sacct", "scontrol", "sinfo", "sshare")
WRITES: Final = frozenset({"add", "modify", "delete", "remove", "load", "create", "update"})

_WRAPPER: Final = r"""#!{python} -SE
import json, os, signal, subprocess, sys, time
directory, real = {directory!r}, {real!r}
program, arguments = os.path.basename(sys.argv[0]), sys.argv[1:]
line = json.dumps({{"program": program, "arguments": arguments}}) + "\n"
log = os.open(directory + "/log.jsonl", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
os.write(log, line.encode())
os.close(log)

def chosen():
    for name in sorted(os.listdir(directory + "/faults")):
        path = directory + "/faults/" + name
        try:
            with open(path) as kept:
                fault = json.load(kept)
        except OSError:
            continue
        if fault["program"] == program and fault["match"] in " ".join(arguments):
            if fault["skip"]:
                fault["skip"] -= 1
                with open(path, "w") as kept:
                    json.dump(fault, kept)
                continue
            if fault["once"]:
                os.unlink(path)
            return fault
    return None

fault = chosen()
if os.path.exists(directory + "/as-nobody"):
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
if fault is None:
    os.execv(real, [program, *arguments])
if fault["kill"] in ("before", "during"):
    os.kill(os.getppid(), signal.SIGKILL)
    if fault["kill"] == "before":
        sys.exit(99)
time.sleep(fault["sleep"])
status, output, errors = 0, b"", b""
if fault["run"]:
    done = subprocess.run([real, *arguments], stdin=subprocess.DEVNULL, capture_output=True)
    status, output, errors = done.returncode, done.stdout, done.stderr
if fault["kill"] == "after":
    os.kill(os.getppid(), signal.SIGKILL)
if fault["output"] is not None:
    output = fault["output"].encode()
if fault["keep"] is not None:
    output = output[: fault["keep"]]
for old, new in fault["replace"]:
    output = output.replace(old.encode(), new.encode())
if fault["errors"] is not None:
    errors = fault["errors"].encode()
if fault["status"] is not None:
    status = fault["status"]
sys.stdout.buffer.write(output)
sys.stderr.buffer.write(errors)
sys.exit(status)
"""


@dataclass(frozen=True, slots=True)
class Call:
    """One command that was run."""

    program: str
    arguments: tuple[str, ...]

    @property
    def writes(self) -> bool:
        """Whether it is one of ``sacctmgr`` that changes something."""
        return self.program == "sacctmgr" and not WRITES.isdisjoint(self.arguments[:2])


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What happens instead of a command, or in addition to it.

    Attributes:
        match: Part of the arguments, joined by blanks, of the commands that are meant.
        once: Whether only the first of them is meant.
        skip: How many of them pass before.
        run: Whether the real command runs at all.
        kill: ``before``, ``during`` or ``after`` it: kill the process that called it.
        sleep: Seconds to wait before anything.
        output: What is printed instead of the real output.
        keep: How many bytes of the output are printed.
        replace: Pairs of old and new text in the output.
        errors: What is said on standard error instead.
        status: The exit status instead.
    """

    program: str
    match: str = ""
    once: bool = True
    skip: int = 0
    run: bool = True
    kill: str = ""
    sleep: float = 0
    output: str | None = None
    keep: int | None = None
    replace: tuple[tuple[str, str], ...] = ()
    errors: str | None = None
    status: int | None = None


class SlurmCommands:
    """A directory of wrappers, to be put in front on ``PATH``."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._bin = directory / "bin"
        self._faults = directory / "faults"
        self._bin.mkdir(parents=True)
        self._faults.mkdir()
        for program in WRAPPED:
            real = shutil.which(program)
            if real is None:
                raise FileNotFoundError(f"{program} is not on PATH")
            wrapper = self._bin / program
            wrapper.write_text(_WRAPPER.format(python=sys.executable, directory=str(directory), real=real))
            wrapper.chmod(0o755)

    @property
    def path(self) -> str:
        """``PATH`` with the wrappers in front."""
        return f"{self._bin}{os.pathsep}{os.environ['PATH']}"

    @property
    def bin_path(self) -> Path:
        """The directory of the wrappers alone."""
        return self._bin

    def calls(self, program: str = "") -> list[Call]:
        """Everything that was run so far, or one program's part of it."""
        log = self.directory / "log.jsonl"
        found = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
        all_calls = [Call(call["program"], tuple(call["arguments"])) for call in found]
        return [call for call in all_calls if program in {"", call.program}]

    @property
    def writes(self) -> list[Call]:
        """Every ``sacctmgr`` that changes something, so far."""
        return [call for call in self.calls("sacctmgr") if call.writes]

    def forget(self) -> None:
        """Begin to count anew."""
        (self.directory / "log.jsonl").unlink(missing_ok=True)

    @contextmanager
    def counted(self) -> Iterator[list[Call]]:
        """Collect what is run within the block."""
        before = len(self.calls())
        found: list[Call] = []
        yield found
        found.extend(self.calls()[before:])

    def inject(self, fault: Fault) -> None:
        """Let a command go wrong from now on. Of several faults for one command the oldest comes first."""
        number = len(list(self._faults.iterdir()))
        while (path := self._faults / f"{number:04}.json").exists():
            number += 1
        path.write_text(json.dumps(asdict(fault)))

    def as_nobody(self) -> None:
        """Run all commands without rights from now on; needs root."""
        (self.directory / "as-nobody").touch()

    def heal(self) -> None:
        """Take all faults away."""
        for path in self._faults.iterdir():
            path.unlink()

    @property
    def untouched_faults(self) -> int:
        """How many faults have not happened yet (or happen always)."""
        return len(list(self._faults.iterdir()))
