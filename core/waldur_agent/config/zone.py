"""The zone in which months begin and end."""

from __future__ import annotations

import os
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from .problems import Refused, nearest

EXPECTED = 'an IANA name such as "UTC" or "Europe/Tallinn"'

# Files in the database's folder that can be read as zones, but are this machine's own setting.
_NO_ZONES = frozenset({"localtime", "posixrules"})


def zone_name(text: str) -> str:
    """A zone that this machine knows; empty stands for the system's."""
    if text and not _known(text):
        raise Refused(
            "is not a time zone", expected=EXPECTED, nearest=nearest(text, available_timezones() - _NO_ZONES)
        )
    return text


def system_zone() -> str:
    """The machine's own zone by name.

    Raises:
        Refused: it has none that could be named. A guess here would bill an hour in the wrong month.
    """
    import tzlocal  # noqa: PLC0415 - only the configurations without a zone need it

    try:
        name = tzlocal.get_localzone_name()
    except (ZoneInfoNotFoundError, ValueError, OSError):
        name = "unknown"
    variable = os.environ.get("TZ", "").removeprefix(":")
    if not name and not variable and not Path("/etc/localtime").exists():
        return "UTC"  # what the C library takes then
    # tzlocal passes over a TZ that it cannot name ("EET-2EEST"), while all commands on this machine follow it.
    overridden = variable and not str(Path(variable).resolve()).endswith(f"/{name}")
    if not name or overridden or not _known(name):
        raise Refused("is missing, and the system's own zone has no name", expected=EXPECTED)
    return name


def _known(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return name not in _NO_ZONES
