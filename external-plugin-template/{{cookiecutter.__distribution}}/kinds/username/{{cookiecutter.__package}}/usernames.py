"""The hooks: an existing name first, a new one where there is none.

What a hook means, when it is called and what it may raise: the documentation of ``waldur_agent_hookspecs.specs``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import ClassVar

from waldur_agent_hookspecs import Health, HealthStatus, NotReady, PluginContext, User, hookimpl

from .directory import Directory
from .settings import Settings


class {{ cookiecutter.__class }}:
    """One instance serves one offering. It keeps no data about persons between two calls."""

    api_version: ClassVar[int] = 1
    settings_model: ClassVar[type[Settings]] = Settings

    def __init__(self, settings: Settings, context: PluginContext) -> None:
        self._settings = settings
        self._offering = context.offering
        self._directory = Directory(settings.directory)

    @hookimpl
    def find_username(self, user: User) -> str:
        """Look the person up; empty where the directory does not know anybody of this address."""
        # TODO: a person who has to link an account first:
        #   raise UserActionNeeded("Link your account at the help desk.", url="https://…")
        return self._directory.name_of(user.email)

    @hookimpl
    def generate_username(self, user: User, taken: frozenset[str]) -> str:
        """Make a name from the person's; empty where Waldur tells none. It is the agent that writes it down."""
        used = {name.lower() for name in taken | self._directory.names()}
        return next((name for name in _candidates(user, self._settings.longest_name) if name not in used), "")

    @hookimpl
    def check_health(self) -> Sequence[Health]:
        """What ``waldur-agent check`` shows."""
        try:
            count = len(self._directory.names())
        except NotReady as reason:
            # TODO: how an administrator mends it.
            return [Health("{{ cookiecutter.plugin_name }}", HealthStatus.BAD, str(reason), "start it")]
        return [Health("{{ cookiecutter.plugin_name }}", HealthStatus.GOOD, f"{count} names for {self._offering}")]


def _candidates(user: User, longest: int) -> Iterator[str]:
    """Names for a person, the best first: ``jdoe``, ``jdoe2`` and so on.

    TODO: how your site names people.
    """
    first, _, last = (user.full_name or f"{user.first_name} {user.last_name}").strip().rpartition(" ")
    base = (_plain(user.first_name or first)[:1] + _plain(user.last_name or last))[:longest]
    if re.match(r"[a-z]", base):
        yield base
        yield from (f"{base[: longest - len(str(number))]}{number}" for number in range(2, 1000))


def _plain(text: str) -> str:
    """Lower-case letters and digits only: ``Müller`` becomes ``muller``."""
    decomposed = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]", "", decomposed.lower())
