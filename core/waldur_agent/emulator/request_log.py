"""What was asked: so that a test can count requests. Headers are not kept, and so no token is."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Request:
    """One request.

    Attributes:
        status: What the caller got; None where the connection closed without an answer.
        handled: Whether the request had its effect, whatever the caller got.
        fault: The kind of fault that hit it, or empty.
    """

    method: str
    path: str
    query: str
    user_agent: str
    status: int | None
    handled: bool
    fault: str = ""

    def __str__(self) -> str:
        query = f"?{self.query}" if self.query else ""
        fault = f" [{self.fault}]" if self.fault else ""
        return f"{self.method} {self.path}{query} {self.status or 'no answer'}{fault}"


class RequestLog:
    """The requests since the start or the last :meth:`clear`, in the order in which they ended."""

    def __init__(self, echo: Callable[[str], None] | None = None) -> None:
        self._lock = threading.Lock()
        self._requests: list[Request] = []
        self._echo = echo

    def add(self, request: Request) -> None:
        """Remember a request."""
        with self._lock:
            self._requests.append(request)
            if self._echo is not None:
                self._echo(str(request))

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._requests.clear()

    def all(self) -> list[Request]:
        """Every request."""
        with self._lock:
            return list(self._requests)

    def matching(self, method: str = "", path: str = "") -> list[Request]:
        """The requests of a method whose path the regular expression is found in."""
        return [item for item in self.all() if method in {"", item.method} and re.search(path, item.path)]

    def count(self, method: str = "", path: str = "") -> int:
        """How many requests :meth:`matching` gives."""
        return len(self.matching(method, path))

    def as_json(self) -> list[dict[str, Any]]:
        """Every request as a JSON object."""
        return [asdict(request) for request in self.all()]
