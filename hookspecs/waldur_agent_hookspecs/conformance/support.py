"""What the kit cannot know of a backend: how to break it, and what other people do on it.

A plugin's package may have a module ``conformance`` with a class ``Support``; the kit finds it by itself, also for a
subclass that is defined elsewhere. In a suite of its own an author can give the same abilities as fixtures.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Final

from waldur_agent_hookspecs import AccountRef

ABILITIES: Final = {
    "break_backend": "makes the backend unreadable while a context is open",
    "hang_backend": "makes the backend accept questions and not answer while a context is open (the kit waits 10 s)",
    "plant_foreign_account": "makes an account by hand, under a given backend id",
    "add_usage": "lets a member use an account",
}
"""Fixtures that unlock checks, each with what it does."""


class ConformanceSupport:
    """What the owner of a backend can do behind the plugin's back. Override what the backend allows.

    An ability that is not overridden is not there, and the checks that need it are skipped.

    Args:
        settings: The plugin's settings, as the plugin gets them.
    """

    spreads_usage: ClassVar[bool] = True
    """False where the backend books all of a use at its end, so that nothing can be cut to a period."""

    def __init__(self, settings: Any) -> None:
        self.settings = settings

    def prepare(self) -> None:
        """Make the empty backend that the settings speak of; one that is there stays as it is."""

    def know_user(self, username: str) -> None:
        """Make the backend know this user, where it takes only members that it knows."""

    def break_backend(self) -> AbstractContextManager[None]:
        """Make the backend unreadable while the context is open, as a daemon that is down."""
        raise NotImplementedError

    def hang_backend(self) -> AbstractContextManager[None]:
        """Make the backend not answer while the context is open; the plugin must give up within 10 seconds."""
        raise NotImplementedError

    def plant_foreign_account(self, backend_id: str) -> None:
        """Make an account of this id as an administrator would, by hand and for nobody whom Waldur knows."""
        raise NotImplementedError

    def remove_foreign_account(self, backend_id: str) -> None:
        """Remove what :meth:`plant_foreign_account` made; not needed where the backend is thrown away."""

    def remove_leftovers(self, refs: Sequence[AccountRef]) -> None:
        """Remove what the plugin keeps of these resources on purpose, such as a customer's account."""

    def add_usage(
        self, backend_id: str, username: str, amounts: Mapping[str, Decimal], start: datetime, end: datetime
    ) -> None:
        """Let a member of an account use these amounts (backend units), evenly from ``start`` to ``end``."""
        raise NotImplementedError

    def can(self, ability: str) -> bool:
        """Whether an ability is overridden."""
        return getattr(type(self), ability, None) is not getattr(ConformanceSupport, ability)


def find_support(plugin: type[object]) -> type[ConformanceSupport]:
    """The ``Support`` of the first class in a plugin's ancestry whose package has one; else one that can nothing."""
    for ancestor in plugin.__mro__:
        package = ancestor.__module__.partition(".")[0]
        if package == __name__.partition(".")[0] or not _has_module(package):
            continue
        module = importlib.import_module(f"{package}.conformance")
        found = getattr(module, "Support", None)
        if isinstance(found, type) and issubclass(found, ConformanceSupport):
            return found
    return ConformanceSupport


def _has_module(package: str) -> bool:
    try:
        return importlib.util.find_spec(f"{package}.conformance") is not None
    except (ModuleNotFoundError, ValueError):  # the plugin is in a module without a package, or in none
        return False
