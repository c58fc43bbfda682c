"""What goes wrong on purpose: which requests are hit, and how.

A fault says what happens (:class:`Kind`) and to whom: requests of a ``method``, on a ``path`` (a regular
expression that is searched for), with a ``probability``, only the ``nth`` of them, or at most ``count`` times.
Chance does not depend on threads or on time: the n-th request of one method and path is hit or not by the seed.
"""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator


class Kind(StrEnum):
    """How a request fails."""

    STATUS = "status"  # refused before it has any effect
    STATUS_AFTER = "status-after"  # it has its effect, and then the answer is replaced
    LATENCY = "latency"  # it waits first
    DROP_BEFORE = "drop-before"  # the connection closes before it has any effect
    DROP_AFTER = "drop-after"  # it has its effect, and then the connection closes without an answer
    TRUNCATE = "truncate"  # only half of the body that Content-Length announces is sent
    SHORT_PAGE = "short-page"  # a page of a list lacks its second half; the headers count it all the same
    EMPTY_PAGE = "empty-page"  # a page of a list is []; the headers count its items all the same
    DUPLICATE_PAGE = "duplicate-page"  # a page after the first has the items of the one before it


ON_LISTS: Final = (Kind.SHORT_PAGE, Kind.EMPTY_PAGE, Kind.DUPLICATE_PAGE)


class Fault(BaseModel):
    """One thing that goes wrong.

    Attributes:
        status: For ``status`` and ``status-after``.
        body: What such an answer says: JSON, or HTML where it is a text; by default as the real server does.
        retry_after: Seconds for the ``Retry-After`` header of such an answer.
        seconds: For ``latency``.
        probability: Of each request that matches otherwise.
        nth: Only the n-th matching request, from 1; 0 means each.
        count: At most so many times; 0 means without end.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind
    status: int = Field(default=502, ge=200, le=599)
    body: Any = None
    retry_after: int | None = None
    seconds: float = Field(default=1.0, ge=0)
    probability: float = Field(default=1.0, ge=0, le=1)
    method: Literal["", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] = ""
    path: str = ""
    nth: int = Field(default=0, ge=0)
    count: int = Field(default=0, ge=0)

    @field_validator("path")
    @classmethod
    def _is_regular_expression(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"{value!r} is no regular expression: {error}") from error
        return value

    def matches(self, method: str, path: str, page: int) -> bool:
        """Whether a request is one of those that this fault is about. ``page`` is the list's page asked for."""
        if self.method not in {"", method} or not re.search(self.path, path):
            return False
        if self.kind is Kind.DUPLICATE_PAGE and page < 2:
            return False
        return self.kind not in ON_LISTS or method == "GET"


@dataclass(slots=True)
class _Tally:
    matched: int = 0
    hit: int = 0
    by_request: dict[tuple[str, str], int] = field(default_factory=dict)


class FaultPlan:
    """The faults in force, and how often each was met. May be changed at any time, from any thread."""

    def __init__(self, faults: Iterable[Fault] = (), seed: int = 0) -> None:
        self._lock = threading.Lock()
        self._seed = seed
        self._made = 0
        self._rules: list[tuple[int, Fault, _Tally]] = []
        self.replace(faults)

    def replace(self, faults: Iterable[Fault]) -> None:
        """Put these faults in the place of all others."""
        with self._lock:
            self._rules = []
        for fault in faults:
            self.add(fault)

    def add(self, fault: Fault) -> None:
        """Put a fault in force, after the others."""
        with self._lock:
            self._rules.append((self._made, fault, _Tally()))
            self._made += 1

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        self.replace(())

    def reseed(self, seed: int) -> None:
        """Change what chance does from now on."""
        with self._lock:
            self._seed = seed

    def report(self) -> list[dict[str, Any]]:
        """The faults with the numbers of requests that they matched and hit."""
        with self._lock:
            return [
                {**fault.model_dump(mode="json"), "matched": tally.matched, "hit": tally.hit}
                for _, fault, tally in self._rules
            ]

    def draw(self, method: str, path: str, page: int = 1) -> list[Fault]:
        """The faults that hit this request: any latency, and the first of the others."""
        with self._lock:
            hits: list[Fault] = []
            for number, fault, tally in self._rules:
                decided = any(hit.kind is not Kind.LATENCY for hit in hits)
                if fault.kind is not Kind.LATENCY and decided:
                    continue
                if fault.matches(method, path, page) and self._strikes(number, fault, tally, (method, path)):
                    hits.append(fault)
            return hits

    def _strikes(self, number: int, fault: Fault, tally: _Tally, request: tuple[str, str]) -> bool:
        tally.matched += 1
        tally.by_request[request] = tally.by_request.get(request, 0) + 1
        if fault.nth and tally.matched != fault.nth:
            return False
        if fault.count and tally.hit >= fault.count:
            return False
        draw = f"{self._seed} {number} {request} {tally.by_request[request]}"
        # Not for secrets: the same seed must hit the same requests in every run.
        struck = random.Random(draw).random() < fault.probability  # noqa: S311
        tally.hit += struck
        return struck
