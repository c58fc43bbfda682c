"""Names that the operating system knows already."""

from __future__ import annotations

import grp
import pwd
from typing import Final, Protocol

FIRST_UID: Final = 1000
"""Below it, distributions number the accounts of services (``UID_MIN`` in ``/etc/login.defs``)."""

NOBODY_UID: Final = 65534


class SystemNames(Protocol):
    """The system's user and group databases."""

    def uid(self, name: str) -> int | None:
        """The user's number; None where there is no such user."""
        ...

    def is_group(self, name: str) -> bool:
        """Whether there is such a group."""
        ...


class OperatingSystem:
    """This machine, with whatever directory its name service asks.

    The name service does not tell "there is none" from "the directory does not answer".
    """

    def uid(self, name: str) -> int | None:
        """The user's number; None where the name service finds none."""
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            return None

    def is_group(self, name: str) -> bool:
        """Whether the name service finds such a group."""
        try:
            grp.getgrnam(name)
        except KeyError:
            return False
        return True


def is_free(name: str, system: SystemNames) -> bool:
    """Whether a new user could be called so. A group counts: one called ``sudo`` is not to become somebody's own."""
    return system.uid(name) is None and not system.is_group(name)


def is_service_account(name: str, system: SystemNames) -> bool:
    """Whether the name belongs to the system, such as ``root`` or ``munge``, and so to no person."""
    uid = system.uid(name)
    return uid is not None and (uid < FIRST_UID or uid == NOBODY_UID)
