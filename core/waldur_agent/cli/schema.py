"""``waldur-agent schema``: the JSON schema of the configuration file."""

from __future__ import annotations

import argparse
import json

from waldur_agent.config import json_schema
from waldur_agent.registry import Registry


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No options."""
    del parser


def run(arguments: argparse.Namespace) -> int:
    """Print it."""
    del arguments
    print(json.dumps(json_schema(Registry.discover()), indent=2))  # noqa: T201 - this is the output
    return 0
