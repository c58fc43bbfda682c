"""``waldur-agent apply``: show the plan, and then carry it out, held removals included where they are allowed."""

from __future__ import annotations

import argparse
import logging
import os
import threading

from waldur_agent.cli.arguments import add_config, add_mode, add_verbose
from waldur_agent.cli.mode import watched
from waldur_agent.cli.plan import look, show_plan
from waldur_agent.cli.start import USAGE, ready
from waldur_agent.config import Config
from waldur_agent.planning import Release
from waldur_agent.registry import Registry
from waldur_agent.service import Service, supervise

log = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this subcommand."""
    add_mode(parser)
    add_config(parser)
    add_verbose(parser)
    allow = parser.add_argument_group("removals that are held back")
    allow.add_argument("--allow-removals", action="store_true", help="carry them out")
    text = "only those of this account; also where its team was read as empty (may be given more than once)"
    allow.add_argument("--account", action="append", default=[], metavar="NAME", help=text)


def run(arguments: argparse.Namespace) -> int:
    """Show, then do. The plan is made again just before it is carried out, so that it is never an old one."""

    def work(config: Config, registry: Registry) -> int:
        if arguments.account and not arguments.allow_removals:
            log.error("--account goes with --allow-removals.")
            return USAGE
        release = Release(arguments.allow_removals and not arguments.account, frozenset(arguments.account))
        show_plan(look(config, registry, arguments.mode, release))
        stop = threading.Event()
        service = Service(config, registry, arguments.mode, os.environ, watched(), release, stop)
        jobs = service.prepare()
        return supervise(lambda: service.once(jobs), stop, cut_off=1)

    return ready(arguments, work)
