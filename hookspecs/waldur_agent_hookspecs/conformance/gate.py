"""Which checks can be run on a plugin; the rest are skipped with the name of what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from .check import Check
from .roles import implemented_hooks
from .subject import Subject
from .support import ABILITIES


@dataclass(frozen=True, slots=True)
class Checked:
    """Whose promises a test was about: the plugin's class, and the hooks that it implements."""

    plugin: str
    hooks: tuple[str, ...]

    @classmethod
    def of(cls, plugin: type[object]) -> Checked:
        """What is known of a class, also where no instance can be made."""
        return cls(f"{plugin.__module__}:{plugin.__qualname__}", tuple(sorted(implemented_hooks(plugin))))


NOBODY = Checked("", ())
CHECKED = pytest.StashKey[Checked]()


def skip_unless(check: Check, subject: Subject, abilities: Mapping[str, object]) -> None:
    """Skip a check that asks for a hook or an ability that is not there."""
    name = type(subject.plugin).__name__
    if missing := [hook for hook in check.hooks if not subject.can(hook)]:
        pytest.skip(f"{check.id}: {name} does not implement the hook {', '.join(missing)}")
    for ability in check.needs:
        if abilities[ability] is None:
            pytest.skip(
                f"{check.id}: needs {ability} in the plugin's Support or as a fixture: it {ABILITIES[ability]}"
            )
