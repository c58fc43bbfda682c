"""Which fault has to be caught by which checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

_Plugin = TypeVar("_Plugin", bound=type[Any])


@dataclass(frozen=True, slots=True)
class Fault:
    """A plugin with one fault.

    Attributes:
        hook: The hook at fault, which each of the checks has to name; empty for the class as a whole.
        checks: The ids of the checks that have to catch it.
    """

    plugin: type[Any]
    hook: str
    checks: tuple[str, ...]


FAULTS: list[Fault] = []


def fault(hook: str, *checks: str) -> Callable[[_Plugin], _Plugin]:
    """Enter a class into the table; ids are given without ``CT-``."""

    def enter(plugin: _Plugin) -> _Plugin:
        FAULTS.append(Fault(plugin, hook, tuple(f"CT-{one}" for one in checks)))
        return plugin

    return enter
