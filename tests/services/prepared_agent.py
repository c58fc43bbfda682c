"""The agent as a process of its own, forked from one that has imported it already.

Starting Python and importing the agent takes most of the time of a short run, and the suite makes a thousand of them.
What is forked has imported modules and nothing else: no threads, no open files, no state. Tests of starting, stopping
and killing use the real command.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(
    [
        __name__,
        "waldur_agent.cli.mode",
        "waldur_agent.cli.plan",
        "waldur_agent_hookspecs",
        *(f"waldur_agent_{name}.backend" for name in ("exec", "moab", "sandbox", "slurm")),
        "waldur_agent_homedirs.plugin",
    ]
)


def run(arguments: Sequence[str], environ: Mapping[str, str], seconds: float) -> tuple[int, str, str]:
    """Run it to its end.

    Returns:
        Its exit status, standard output and standard error.

    Raises:
        subprocess.TimeoutExpired: it was killed after this time.
    """
    with tempfile.TemporaryDirectory(prefix="agent-") as directory:
        out, err = Path(directory, "out"), Path(directory, "err")
        process = _CONTEXT.Process(target=_main, args=(list(arguments), dict(environ), out, err))
        process.start()
        process.join(seconds)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(list(arguments), seconds, out.read_bytes(), err.read_bytes())
        status = process.exitcode
        process.close()
        return status, out.read_text(), err.read_text()


def _main(arguments: Sequence[str], environ: Mapping[str, str], out: Path, err: Path) -> None:
    """What the forked process does."""
    os.setsid()
    for number, path in enumerate((Path(os.devnull), out, err)):
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(environ)
    time.tzset()
    sys.argv = ["waldur-agent", *arguments]
    from waldur_agent.cli import main

    sys.exit(main())
