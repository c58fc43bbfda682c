"""For whoever writes a program: the protocol's schema, and requests to try it with."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from .samples import ARGUMENTS, sample
from .schema import protocol


def main(argv: Sequence[str] | None = None) -> int:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m waldur_agent_exec", description=__doc__)
    what = parser.add_subparsers(required=True, metavar="COMMAND", dest="what")
    what.add_parser("schema", help="the JSON schema of every message")
    asked = what.add_parser("request", help="a request, as the program reads it on standard input")
    asked.add_argument("hook", metavar="HOOK", choices=sorted(ARGUMENTS), help=f"one of {', '.join(ARGUMENTS)}")
    arguments = parser.parse_args(argv)
    if arguments.what == "schema":
        print(json.dumps(protocol(), indent=2, ensure_ascii=False))  # noqa: T201 - this is the output
    else:
        sys.stdout.write(sample(arguments.hook).decode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
