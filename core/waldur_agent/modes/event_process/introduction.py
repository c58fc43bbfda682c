"""Telling Waldur which agent this is, so that operators see it there. Nothing depends on it."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from waldur_agent import __version__
from waldur_agent.waldur import WaldurError

from .channels import Desk

log = logging.getLogger(__name__)

SERVICE = "event_process"


def introduce(desk: Desk, backends: Iterable[str]) -> None:
    """Register the agent, what runs, and the backends that serve. No part of the configuration is told."""
    try:
        with desk.subscriptions() as subscriptions:
            identity = subscriptions.identity(desk.agent_name, __version__)
            service = subscriptions.register_service(identity, SERVICE, SERVICE)
            for backend in backends:
                subscriptions.register_processor(service, backend, backend, __version__)
    except WaldurError as error:
        log.debug("%s: Waldur does not take the agent's introduction: %s", desk.offering.name, error)
