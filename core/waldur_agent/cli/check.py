"""``waldur-agent check``: is the configuration right, and can everything be reached that it names?"""

from __future__ import annotations

import argparse
import json
import os
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from waldur_agent_hookspecs import HealthStatus

from waldur_agent.config import Config, Offering, verify_ssl_from
from waldur_agent.modes.served import build_site, serving
from waldur_agent.registry import Registry
from waldur_agent.waldur import WaldurError

from .arguments import add_config, add_json, add_verbose
from .start import configured
from .tables import show


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    offering: str
    what: str
    good: bool
    detail: str
    remedy: str = ""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this subcommand."""
    add_config(parser)
    add_json(parser)
    add_verbose(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print what was found; 1 where something is bad."""

    def work(config: Config, registry: Registry) -> int:
        findings = [finding for offering in config.offerings for finding in _offering(offering, config, registry)]
        if arguments.json:
            print(json.dumps([asdict(finding) for finding in findings], indent=2))  # noqa: T201 - output
        else:
            rows = [
                [finding.offering, "good" if finding.good else "BAD", finding.what, finding.detail, finding.remedy]
                for finding in findings
            ]
            show(["OFFERING", "", "WHAT", "SEEN", "WHAT TO DO"], rows)
        return 0 if all(finding.good for finding in findings) else 1

    return configured(arguments, work)


def _offering(offering: Offering, config: Config, registry: Registry) -> Iterator[Finding]:
    if problems := offering.ready_problems():
        for problem in problems:
            yield Finding(offering.name, "configuration", good=False, detail=problem)
    else:
        yield from _waldur(offering, config, registry)
    yield from _backends(offering, config, registry)


def _waldur(offering: Offering, config: Config, registry: Registry) -> Iterator[Finding]:
    role = next(iter(offering.backends))
    site = build_site(offering, role, registry, config.timezone, read_only=True)
    verify = verify_ssl_from(os.environ)
    with serving(offering, site, "check", verify_ssl=verify, stop=threading.Event()) as work:
        try:
            me = work.waldur.me()
            yield Finding(offering.name, "Waldur's token", good=True, detail=f"it is {me.get('username')}")
            found = work.waldur.offering()
            state = f"{found.name}, {found.state or 'state not told'}"
            yield Finding(offering.name, "Waldur's offering", good=True, detail=state)
        except WaldurError as error:
            yield Finding(offering.name, "Waldur", good=False, detail=str(error))


def _backends(offering: Offering, config: Config, registry: Registry) -> Iterator[Finding]:
    seen = set()
    for role, name in offering.backends.items():
        if name in seen:
            continue
        seen.add(name)
        site = build_site(offering, role, registry, config.timezone, read_only=True)
        for health in site.check_health():
            good = health.status is HealthStatus.GOOD
            yield Finding(offering.name, f"{name}: {health.check}", good, health.detail, health.remedy)
