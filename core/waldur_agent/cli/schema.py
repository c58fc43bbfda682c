"""``waldur-agent schema``: the configuration file's keys, as a JSON schema for editors or as a page for people."""

from __future__ import annotations

import argparse
import json

from waldur_agent.config import json_schema, reference
from waldur_agent.registry import Registry


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this subcommand."""
    parser.add_argument("--markdown", action="store_true", help="print a page for people instead")


def run(arguments: argparse.Namespace) -> int:
    """Print it."""
    registry = Registry.discover()
    if arguments.markdown:
        print(reference(registry), end="")  # noqa: T201 - this is the output
    else:
        print(json.dumps(json_schema(registry), indent=2))  # noqa: T201 - this is the output
    return 0
