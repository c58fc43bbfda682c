"""Errors to Sentry, where the configuration has a DSN: one event for each distinct fault, and never a token."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable
from typing import Any

import sentry_sdk
from sentry_sdk.integrations.atexit import AtexitIntegration
from sentry_sdk.integrations.excepthook import ExcepthookIntegration
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
        integrations=[
            LoggingIntegration(level=logging.INFO, event_level=logging.ERROR),
            ExcepthookIntegration(),
            # What is reported just before the end is still sent; by itself it would say so on standard error.
            AtexitIntegration(callback=lambda _pending, _timeout: None),
        ],
        include_local_variables=False,
        send_default_pii=False,
        # It would send how many repetitions were held back, at the end.
        send_client_reports=False,
        before_send=_once(secrets),
    )


def _once(secrets: list[str]) -> Callable[[Any, Any], Any]:
    """A filter that lets each distinct fault through once a day, without secrets."""
    reported: dict[str, float] = {}

    def before_send(event: Any, hint: Any) -> Any:
        del hint
        entry = event.get("logentry") or {}
        text = entry.get("formatted") or entry.get("message")
        fault = _VARYING.sub("#", str(text or event.get("exception") or event))
        now = time.monotonic()
        if now - reported.get(fault, -SILENT_SECONDS) < SILENT_SECONDS:
            return None
        reported[fault] = now
        if text:
            # By itself Sentry goes by the format, and many of ours are "%s": all faults would be one issue there.
            event["fingerprint"] = [fault]
        return scrubbed(event, secrets)

    return before_send


def scrubbed(event: Any, secrets: list[str]) -> Any:
    """The event with every secret in it replaced, wherever it stands."""
    text = json.dumps(event, default=str)
    for secret in filter(None, secrets):
        text = text.replace(json.dumps(secret)[1:-1], "[token]")
    return json.loads(text)
