"""Doing many small things at a time, without losing any."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from .connection import CONCURRENCY
from .errors import WaldurError

Key = TypeVar("Key")
Result = TypeVar("Result")


def gather(call: Callable[[Key], Result], keys: Iterable[Key]) -> dict[Key, Result | WaldurError]:
    """``call`` each key, at most 8 at a time; an expected failure stands in its result's place."""

    def one(key: Key) -> Result | WaldurError:
        try:
            return call(key)
        except WaldurError as error:
            # A traceback keeps alive what was on the stack, whole answers among it, for as long as the error is kept.
            return error.with_traceback(None)

    wanted = list(dict.fromkeys(keys))
    if len(wanted) <= 1:
        return {key: one(key) for key in wanted}
    with ThreadPoolExecutor(CONCURRENCY, thread_name_prefix="waldur") as pool:
        return dict(zip(wanted, pool.map(one, wanted), strict=True))
