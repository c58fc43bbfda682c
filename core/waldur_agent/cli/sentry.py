"""Errors to Sentry, where the configuration has a DSN: one event for each distinct fault, and never a token."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable
from typing import Any

import sentry_sdk
from sentry_sdk.integrations.logging import LoggingIntegration

from waldur_agent import __version__
from waldur_agent.config import Config

SILENT_SECONDS = 24 * 3600.0
"""How long a fault that was reported is not reported again: a cycle comes every few minutes."""

_VARYING = re.compile(r"\b(?:[0-9a-f]{32}|\d+(?:\.\d+)?)\b|0x[0-9a-f]+")
"""What differs between two reports of one fault: UUIDs, numbers, addresses."""


def report_errors(config: Config, environment: str | None) -> None:
    """Report what is logged as an error from now on. Local variables and breadcrumbs' requests are not sent."""
    secrets = [offering.token.get_secret_value() for offering in config.offerings]
    sentry_sdk.init(
        dsn=config.sentry_dsn,
        environment=environment,
        release=f"waldur-agent@{__version__}",
        default_integrations=False,
        integrations=[LoggingIntegration(level=logging.INFO, event_level=logging.ERROR)],
        include_local_variables=False,
        send_default_pii=False,
        before_send=_once(secrets),
    )


def _once(secrets: list[str]) -> Callable[[Any, Any], Any]:
    """A filter that lets each distinct fault through once a day, without secrets."""
    reported: dict[str, float] = {}

    def before_send(event: Any, hint: Any) -> Any:
        del hint
        kind = _VARYING.sub("#", str(event.get("logentry", {}).get("message") or event.get("exception") or event))
        text = _VARYING.sub("#", " ".join(map(str, event.get("logentry", {}).get("params") or ())))
        now = time.monotonic()
        if now - reported.get(kind + text, -SILENT_SECONDS) < SILENT_SECONDS:
            return None
        reported[kind + text] = now
        return scrubbed(event, secrets)

    return before_send


def scrubbed(event: Any, secrets: list[str]) -> Any:
    """The event with every secret in it replaced, wherever it stands."""
    text = json.dumps(event, default=str)
    for secret in filter(None, secrets):
        text = text.replace(json.dumps(secret)[1:-1], "[token]")
    return json.loads(text)
