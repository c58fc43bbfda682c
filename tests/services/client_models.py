"""Waldur's answers, read with the models of the public ``waldur-api-client``, made from Waldur's own schema."""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import waldur_api_client
from waldur_api_client import AuthenticatedClient

_OPERATION = re.compile(r'"method": "(\w+)",\s*"url": f?"([^"]+)"')
_CLIENT = AuthenticatedClient(base_url="http://waldur.invalid", token="")


@cache
def _operations() -> dict[tuple[str, int], list[tuple[re.Pattern[str], str]]]:
    """Modules of operations, with the paths that they answer, by method and number of segments."""
    root = Path(waldur_api_client.__file__).parent
    found: dict[tuple[str, int], list[tuple[re.Pattern[str], str]]] = {}
    for place in sorted((root / "api").rglob("*.py")):
        if match := _OPERATION.search(place.read_text(encoding="utf-8")):
            method, url = match[1].upper(), match[2]
            pattern = re.compile(re.sub(r"\\\{\w+\\\}", r"[^/]+", re.escape(url)))
            name = ".".join(place.relative_to(root.parent).with_suffix("").parts)
            found.setdefault((method, url.count("/")), []).append((pattern, name))
    return found


def operation(method: str, url: str) -> str | None:
    """The client's module for a request; None where it has none. A path without variables goes first."""
    path = urlsplit(url).path
    candidates = _operations().get((method, path.count("/")), [])
    fitting = [(pattern.pattern.count("[^/]+"), name) for pattern, name in candidates if pattern.fullmatch(path)]
    return min(fitting)[1] if fitting else None


def parsed(method: str, url: str, status: int, content: bytes) -> Any:
    """An answer as the client reads it.

    Raises:
        LookupError: the client knows no such request.
        Exception: the answer is not one that the client can read.
    """
    name = operation(method, url)
    if name is None:
        raise LookupError(f"the client has no {method} {urlsplit(url).path}")
    response = httpx.Response(status, content=content, request=httpx.Request(method, url))
    return import_module(name)._parse_response(client=_CLIENT, response=response)
