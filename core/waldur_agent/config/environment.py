"""Settings that come from the environment."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from .problems import ConfigError, Problem

PERIODS: Final = {
    # mode: variable, default in minutes
    "order_process": ("WALDUR_SITE_AGENT_ORDER_PROCESS_PERIOD_MINUTES", 5.0),
    "report": ("WALDUR_SITE_AGENT_REPORT_PERIOD_MINUTES", 30.0),
    "membership_sync": ("WALDUR_SITE_AGENT_MEMBERSHIP_SYNC_PERIOD_MINUTES", 5.0),
    # The full pass that repairs what events have missed.
    "event_process": ("WALDUR_SITE_AGENT_RECONCILIATION_PERIOD_MINUTES", 60.0),
}


VERIFY_SSL: Final = "REQUESTS_VERIFY_SSL"
YES: Final = frozenset({"true", "t", "yes", "y", "on", "1"})
NO: Final = frozenset({"false", "f", "no", "n", "off", "0"})


def period_minutes(mode: str, environ: Mapping[str, str] = os.environ) -> float:
    """Minutes between two cycles of a mode; fractions are fine. 0 for ``event_process``: no periodic full pass.

    Raises:
        ConfigError: the mode's variable is not a number above 0 (for ``event_process``: from 0 on).
        KeyError: there is no such mode.
    """
    variable, default = PERIODS[mode]
    text = environ.get(variable)
    if text is None:
        return default
    try:
        minutes = float(text)
    except ValueError:
        minutes = math.nan
    off = mode == "event_process" and minutes == 0
    if not (math.isfinite(minutes) and minutes > 0) and not off:
        expected = f"a number of minutes above 0{', or 0 for none' if mode == 'event_process' else ''}"
        raise ConfigError(Problem(variable, f"{text!r} is no period", expected=expected))
    return minutes


def verify_ssl_from(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether certificates are checked: ``REQUESTS_VERIFY_SSL``, true where it is absent or empty.

    An offering's own ``verify_ssl`` counts as well: both have to be true.

    Raises:
        ConfigError: it is neither of the words for yes nor of those for no, in any case.
    """
    text = environ.get(VERIFY_SSL, "").strip().lower()
    if text not in {"", *YES, *NO}:
        raise ConfigError(
            Problem(VERIFY_SSL, f"{text!r} is neither", expected="true or false (also yes, no, on, off, 1, 0)")
        )
    return text not in NO


def state_directory(configured: str, environ: Mapping[str, str] = os.environ) -> Path:
    """Where the agent may keep files: the configured directory, systemd's, or ``/var/lib/waldur-agent``."""
    # systemd gives several, separated by colons, where a unit names several.
    given = configured or environ.get("STATE_DIRECTORY", "").split(":")[0]
    return Path(given or "/var/lib/waldur-agent")
