"""The command line: parse, build, run, exit status. Nothing heavy is imported before it is needed."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from .arguments import parse


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``waldur-agent`` with these arguments; gives the exit status."""
    arguments = parse(list(sys.argv[1:] if argv is None else argv))
    try:
        status: int = arguments.run(arguments)
    except BrokenPipeError:
        # The reader went away (`| head`): nothing is wrong, and Python must not complain at its own exit.
        sys.stderr.close()
        return 0
    return status


def load_components() -> int:
    """``waldur_site_load_components``, the name that deployments know."""
    return main(["load-components", *sys.argv[1:]])


def diagnostics() -> int:
    """``waldur_site_diagnostics``, likewise."""
    return main(["diagnostics", *sys.argv[1:]])


def create_homedirs() -> int:
    """``waldur_site_create_homedirs``, likewise."""
    return main(["create-homedirs", *sys.argv[1:]])
