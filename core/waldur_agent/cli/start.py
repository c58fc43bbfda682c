"""What every command that works with a configuration does first."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path

from waldur_agent.config import Config, ConfigError, load
from waldur_agent.registry import PluginBroken, PluginNotFound, Registry
from waldur_agent.site import SiteError

log = logging.getLogger(__name__)

USAGE = 2


def logged(arguments: argparse.Namespace) -> None:
    """Log to standard error: standard output is for what was asked for."""
    level = logging.DEBUG if arguments.verbose else logging.INFO
    logging.basicConfig(
        level=level,
        stream=sys.stderr,
        format="%(asctime)s %(levelname)-7s %(message)s",
        datefmt="%Y-%m-%dT%H:%M:%S%z",
    )
    # Its debug lines would show every header that is sent.
    logging.getLogger("urllib3").setLevel(logging.WARNING)


def configured(arguments: argparse.Namespace, work: Callable[[Config, Registry], int]) -> int:
    """Load plugins and configuration and go on with them; one line per mistake and status 2 where they are wrong."""
    logged(arguments)
    registry = Registry.discover()
    try:
        config = load(Path(arguments.config_file), registry=registry, environ=os.environ)
    except ConfigError as error:
        print(error, file=sys.stderr)  # noqa: T201 - for whoever typed the command
        return USAGE
    if config.sentry_dsn:
        from .sentry import report_errors  # noqa: PLC0415 - it is imported only where it is used

        report_errors(config, os.environ.get("SENTRY_ENVIRONMENT"))
    for warning in config.warnings:
        log.warning("%s", warning)
    try:
        return work(config, registry)
    except ConfigError as error:
        print(error, file=sys.stderr)  # noqa: T201 - as above
        return USAGE
    except (SiteError, PluginNotFound, PluginBroken) as error:
        log.error("%s", error)  # noqa: TRY400 - expected: a line, not a traceback
        return 1


def ready(arguments: argparse.Namespace, work: Callable[[Config, Registry], int]) -> int:
    """As :func:`configured`, for what needs complete offerings: a configuration may be read without that."""

    def only_complete(config: Config, registry: Registry) -> int:
        problems = [problem for offering in config.offerings for problem in offering.ready_problems()]
        for problem in problems:
            log.error("%s", problem)
        return USAGE if problems else work(config, registry)

    return configured(arguments, only_complete)
