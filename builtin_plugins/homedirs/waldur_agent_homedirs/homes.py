"""Where members live, as the operating system says."""

from __future__ import annotations

import pwd
import re
from collections.abc import Callable
from enum import Enum, auto
from pathlib import Path
from typing import Final

LookUp = Callable[[str], pwd.struct_passwd]
"""Gives a user's entry of the passwd database, or raises KeyError, as :func:`pwd.getpwnam` does."""

_USERNAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@-]*")

_NEVER_THERE: Final = frozenset({Path("/nonexistent")})
"""Distributions give it to accounts that are to have no home; it must not come into being."""


class NoHome(Exception):  # noqa: N818 - a fact about the user, not a fault
    """This user cannot get a home. The text says why."""


class NotKnownYet(NoHome):
    """The operating system has no such user, at least not now."""


class Found(Enum):
    """Whether a directory is there."""

    THERE = auto()
    MISSING = auto()


def home_of(username: str, look_up: LookUp) -> Path:
    """The home that a user is to have.

    Raises:
        NotKnownYet: the operating system does not know the user.
        NoHome: the name or the home is none that can be worked with.
    """
    if not _USERNAME.fullmatch(username):
        raise NoHome(f"{username!r} cannot be a user's name; correct it in Waldur")
    try:
        home = Path(look_up(username).pw_dir)
    except KeyError:
        raise NotKnownYet(f"the operating system does not know {username} yet") from None
    if not home.is_absolute() or home in _NEVER_THERE:
        raise NoHome(f"the passwd database gives {username} the home {str(home)!r}, which is not to be made")
    return home


def look_for(home: Path) -> Found:
    """Whether a home is there.

    Raises:
        NoHome: that cannot be told, which is not to say that it is missing.
    """
    try:
        home.stat()
    except FileNotFoundError:
        return Found.MISSING
    except OSError as error:
        raise NoHome(f"whether {home} is there cannot be told: {error.strerror}") from error
    return Found.THERE
