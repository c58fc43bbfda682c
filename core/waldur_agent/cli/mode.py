"""``waldur-agent -m MODE``: run a mode, once or for ever."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import threading

from waldur_agent import __version__
from waldur_agent.config import Config, period_minutes, verify_ssl_from
from waldur_agent.modes.progress import Progress, silent
from waldur_agent.registry import Registry
from waldur_agent.service import Service, supervise
from waldur_agent.service_manager import ServiceManager

from .start import ready

log = logging.getLogger(__name__)


def run(arguments: argparse.Namespace) -> int:
    """Run the mode that was asked for."""

    def work(config: Config, registry: Registry) -> int:
        stop = threading.Event()
        manager = ServiceManager(os.environ)
        service = Service(config, registry, arguments.mode, os.environ, watched(), stop=stop, manager=manager)
        period_minutes(arguments.mode, os.environ)  # bad ones are told before anything runs
        verify_ssl_from(os.environ)
        jobs = service.prepare()
        log.debug("waldur-agent %s, mode %s, %s", __version__, arguments.mode, arguments.config_file)
        if arguments.once:
            return supervise(lambda: service.once(jobs), stop, cut_off=1)
        served = len({job.offering.name for job in jobs})
        manager.ready(f"{arguments.mode}: {served} of {len(config.offerings)} offerings are served")
        return supervise(lambda: service.forever(jobs), stop, cut_off=0, stopping=manager.stopping)

    return ready(arguments, work)


def watched() -> Progress:
    """A progress bar where somebody watches, else nothing."""
    if not sys.stderr.isatty():
        return silent
    from .bars import progress  # noqa: PLC0415 - rich is imported only where somebody watches

    return progress
