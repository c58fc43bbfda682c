"""Pages of a list, and the headers that tell about the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Generic, TypeVar
from urllib.parse import urlencode

from .errors import ApiError, detail
from .query import Query

DEFAULT_SIZE: Final = 10
LARGEST_SIZE: Final = 300

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class Page(Generic[Record]):
    """One page: its records, and the headers ``X-Result-Count`` and ``Link``."""

    records: list[Record]
    headers: dict[str, str]


def cut_page(records: list[Record], query: Query, url: str, largest: int = LARGEST_SIZE) -> Page[Record]:
    """The page that ``page`` and ``page_size`` ask for; a size over ``largest`` is cut silently.

    Raises:
        ApiError: 404 for a page that does not exist. The first one always does.
    """
    size = _size(query, largest)
    last = max(1, -(-len(records) // size))
    number = _number(query, last)
    links = {"first": 1, "prev": number - 1, "next": number + 1, "last": last}
    return Page(
        records[(number - 1) * size : number * size],
        {
            "X-Result-Count": str(len(records)),
            "Link": ", ".join(
                f'<{_address(url, query, page)}>; rel="{name}"' for name, page in links.items() if 1 <= page <= last
            ),
        },
    )


def _size(query: Query, largest: int) -> int:
    text = query.get("page_size", "")
    size = int(text) if text.isdecimal() else 0
    return min(size, largest) if size else DEFAULT_SIZE


def _number(query: Query, last: int) -> int:
    text = query.get("page", "1")
    number = last if text == "last" else int(text) if text.isdecimal() else 0
    if not 1 <= number <= last:
        raise _no_such_page()
    return number


def _no_such_page() -> ApiError:
    return detail(404, "Invalid page.")


def _address(url: str, query: Query, page: int) -> str:
    """Parameters come sorted, and the first page has no number: so does the real server write it."""
    items = [(key, value) for key, value in query.items(multi=True) if key != "page"]
    if page > 1:
        items.append(("page", str(page)))
    return f"{url}?{urlencode(sorted(items))}" if items else url
