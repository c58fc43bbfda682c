"""What a local account name looks like, and how one that is taken is told apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

LONGEST: Final = 32
"""Characters; the bound of ``useradd`` and of the login records (utmp)."""

MOST_NAMESAKES: Final = 9_999

_NAME = re.compile(r"[a-z_][a-z0-9_.-]{0,31}")
_BEFORE_THE_FIRST_LETTER = re.compile(r"^[^a-z]+")


def is_local_name(text: str) -> bool:
    """Whether ``text`` can be an account's name. Capitals cannot: sacctmgr folds them, the system does not."""
    return bool(_NAME.fullmatch(text))


def shortened(text: str) -> str:
    """Make the beginning and the length of ``text`` those of a local name; empty where no letter is in it."""
    return _BEFORE_THE_FIRST_LETTER.sub("", text)[:LONGEST].rstrip("_.-")


def numbered(name: str) -> Iterator[str]:
    """``name``, then ``name2``, ``name3`` and so on; a long one gives up letters for its number."""
    yield name
    for number in map(str, range(2, MOST_NAMESAKES + 1)):
        yield name[: LONGEST - len(number)].rstrip("_.-") + number
