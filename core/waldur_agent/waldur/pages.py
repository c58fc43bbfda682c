"""Reading whole lists. A list that is not certainly whole is :class:`Incomplete`, never short."""

from __future__ import annotations

from typing import Any

from .connection import Answer, Connection, Params
from .errors import Incomplete, NotFound, Unavailable

PAGE_SIZE = 100
LARGE_PAGE = 300
"""What every server allows; a server that cuts it gives smaller pages, which are read as well."""
ATTEMPTS = 3


def first_page(connection: Connection, path: str, params: Params, page_size: int) -> tuple[list[dict[str, Any]], int]:
    """The first page of a list, and how many items the whole list has; at least that, where it is not told."""
    answer = _page(connection, path, {**params, "page_size": page_size}, 1)
    items = _items(connection, path, answer)
    total = answer.headers.get("X-Result-Count", "")
    if total.isdigit():
        return items, int(total)
    return items, len(items) + ('rel="next"' in answer.headers.get("Link", ""))


def read_list(connection: Connection, path: str, params: Params, page_size: int = PAGE_SIZE) -> list[dict[str, Any]]:
    """All items of a paginated list, each once. A server may give smaller pages than asked for.

    The list may change while its pages are read (an order finished in between moves the rest up by one), so a
    list that contradicts itself is read again before it is given up.

    Raises:
        Incomplete: fewer or more items than ``X-Result-Count``, or one twice, each time.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _read_once(connection, path, {**params, "page_size": page_size})
        except Incomplete:
            if attempt == ATTEMPTS:
                raise
    raise AssertionError("unreachable")


def _read_once(connection: Connection, path: str, params: Params) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    seen: set[str] = set()
    page = 0
    while True:
        page += 1
        answer = _page(connection, path, params, page)
        items += _items(connection, path, answer)
        for item in answer.body:
            if (key := str(item.get("uuid", ""))) in seen:
                raise Incomplete(f"GET {connection.api_url}{path}: item {key} came twice")
            seen |= {key} if key else set()
        total = answer.headers.get("X-Result-Count", "")
        if not total.isdigit():  # an endpoint without pagination gives everything at once
            if 'rel="next"' in answer.headers.get("Link", ""):
                continue
            return items
        if len(items) == int(total):
            return items
        if not answer.body or len(items) > int(total):
            raise Incomplete(f"GET {connection.api_url}{path}: {len(items)} items read, the server says {total}")


def _items(connection: Connection, path: str, answer: Answer) -> list[dict[str, Any]]:
    body = answer.body
    if not isinstance(body, list) or not all(isinstance(item, dict) for item in body):
        raise Unavailable(f"GET {connection.api_url}{path}: a list was expected, not {type(body).__name__}")
    return body


def _page(connection: Connection, path: str, params: Params, page: int) -> Answer:
    try:
        return connection.get(path, {**params, "page": page})
    except NotFound as error:
        if page == 1:
            raise
        raise Incomplete(
            f"GET {connection.api_url}{path}: page {page} is gone; the list became shorter while it was read"
        ) from error
