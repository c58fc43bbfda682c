"""``waldur-agent check``: is the configuration right, and can everything be reached that it names?"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict

from waldur_agent.config import Config
from waldur_agent.registry import Registry

from .arguments import add_config, add_json, add_verbose
from .findings import Finding, look
from .start import configured
from .tables import show


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this subcommand."""
    add_config(parser)
    add_json(parser)
    add_verbose(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print what was found; 1 where something is bad."""

    def work(config: Config, registry: Registry) -> int:
        findings = [it for offering in config.offerings for it in look(offering, config, registry).findings]
        if arguments.json:
            print(json.dumps([asdict(finding) for finding in findings], indent=2))  # noqa: T201 - output
        else:
            show_findings(findings)
        return 0 if all(finding.good for finding in findings) else 1

    return configured(arguments, work)


def show_findings(findings: Sequence[Finding]) -> None:
    """Print findings as a table."""
    rows = [
        [finding.offering, "good" if finding.good else "BAD", finding.what, finding.detail, finding.remedy]
        for finding in findings
    ]
    show(["OFFERING", "", "WHAT", "SEEN", "WHAT TO DO"], rows)
