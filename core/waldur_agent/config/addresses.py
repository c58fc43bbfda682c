"""URLs, UUIDs and host parts as the file may give them. Refusals never quote: a URL may hold a password."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from .problems import Refused

API_URL = "the URL of the Waldur API, such as https://waldur.example.org/api/"
DSN = 'a Sentry DSN, such as https://key@sentry.example.org/1, or ""'
UUID = 'the UUID of the offering in Waldur: 32 hexadecimal digits, with or without dashes, or ""'

_UUID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def api_url(text: str) -> str:
    """The URL with exactly one slash at its end."""
    parts = _split(text)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname or "?" in text or "#" in text:
        raise Refused("is not a URL that can be used", expected=API_URL)
    if "@" in parts.netloc:
        raise Refused("has a user name or password in it", expected=f"{API_URL}; the token has a key of its own")
    path = parts.path.rstrip("/")
    if not path.endswith("/api"):
        raise Refused("does not end with /api/", expected=API_URL)
    return parts._replace(path=f"{path}/").geturl()


def sentry_dsn(text: str) -> str:
    """A DSN: a URL with a public key before the host and a project number at the end; or empty."""
    if not text:
        return text
    parts = _split(text)
    usable = parts and parts.scheme in {"http", "https"} and parts.hostname and parts.username
    if not usable or not text.rstrip("/").rpartition("/")[2].isdecimal():
        raise Refused("is not a Sentry DSN", expected=DSN)
    return text


def offering_uuid(text: str) -> str:
    """32 lower-case hexadecimal digits, or empty."""
    lowered = text.lower()
    if text and not _UUID.fullmatch(lowered):
        raise Refused("is not a UUID", expected=UUID)
    return lowered.replace("-", "")


def host(text: str) -> str:
    """A host name or address by itself, IPv6 with or without brackets."""
    bare = text.removeprefix("[").removesuffix("]")
    if not re.fullmatch(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+", bare):
        raise Refused("is not a host name", expected="a host name or address without scheme, port and path")
    return bare


def path(text: str) -> str:
    """The path of a URL."""
    if not re.fullmatch(r"/[!-~]*", text):
        raise Refused("is not a path", expected="the path of a URL, such as /rmqws-stomp")
    return text


def _split(text: str) -> SplitResult | None:
    if not re.fullmatch(r"[!-~\u00a1-\U0010ffff]+", text):
        return None
    try:
        parts = urlsplit(text)
        # The port is only checked when it is asked for.
        _ = parts.port
    except ValueError:
        return None
    return parts
