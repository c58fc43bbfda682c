"""Hyperlinks: in some bodies Waldur wants an object's address instead of its UUID."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from waldur_agent.emulator.identifiers import as_hex

_PATH: Final = re.compile(r"/api/(?P<collection>[a-z-]+)/(?P<uuid>[0-9a-fA-F-]{32,36})/")


def uuid_in_url(value: object, collection: str) -> str:
    """The UUID at the end of ``…/api/COLLECTION/UUID/``; empty where ``value`` is no such address."""
    found = _PATH.fullmatch(urlsplit(value).path) if isinstance(value, str) else None
    if found is None or found["collection"] != collection:
        return ""
    try:
        return as_hex(found["uuid"])
    except ValueError:
        return ""
