"""``waldur-agent plugins``: what is installed, from where, and which hooks it answers."""

from __future__ import annotations

import argparse
import json

from waldur_agent.registry import Registry

from .arguments import add_json
from .tables import show


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this subcommand."""
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """List the plugins; 1 where one of them cannot be used."""
    registry = Registry.discover()
    rows = [
        {
            "name": entry.name,
            "distribution": entry.distribution,
            "version": entry.version,
            "hooks": list(entry.hooks),
            "error": "",
        }
        for entry in registry
    ]
    rows += [
        {"name": name, "distribution": "", "version": "", "hooks": [], "error": reason}
        for name, reason in registry.broken.items()
    ]
    if arguments.json:
        print(json.dumps(rows, indent=2))  # noqa: T201 - this is the output
    else:
        cells = [
            [
                str(row["name"]),
                f"{row['distribution']} {row['version']}",
                str(row["error"]) or ", ".join(row["hooks"]),
            ]
            for row in rows
        ]
        show(["PLUGIN", "DISTRIBUTION", "HOOKS"], cells)
    return 1 if registry.broken else 0
