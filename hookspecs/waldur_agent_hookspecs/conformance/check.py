"""What a check is: an id, what breaks for a site without it, and the hooks that it is about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

_ATTRIBUTE = "conformance_check"
_Function = TypeVar("_Function", bound=Callable[..., None])


@dataclass(frozen=True, slots=True)
class Check:
    """One promise of the contract.

    Attributes:
        id: Never used again for another promise (``CT-ACC-002``).
        sentence: What breaks for a site where the promise is broken.
        hooks: What the plugin must implement for the check to be run; the first is the one that made the promise.
        needs: Abilities of the backend's side (``break_backend``, …) without which the check is skipped.
    """

    id: str
    sentence: str
    hooks: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()

    @property
    def hook(self) -> str:
        """The hook that made the promise; empty where it is the plugin's class as a whole."""
        return self.hooks[0] if self.hooks else ""


class Breach(AssertionError):  # noqa: N818 - reads as what happened, beside NotReady
    """A promise was not kept.

    Args:
        hook: Whose promise; empty for the plugin's class as a whole. Several, where it cannot be told apart.
        seen: What was asked and what came back.
        remedy: What the author can do about it.
    """

    def __init__(self, hook: str, seen: str, remedy: str) -> None:
        super().__init__(f"{hook or 'the plugin'}: {seen}\n{remedy}")
        self.hook = hook
        self.seen = seen
        self.remedy = remedy


def expect(condition: object, hook: str, seen: str, remedy: str) -> None:
    """Raise :class:`Breach` unless the condition holds."""
    if not condition:
        raise Breach(hook, seen, remedy)


def check(
    identifier: str, sentence: str, *, hooks: tuple[str, ...] = (), needs: tuple[str, ...] = ()
) -> Callable[[_Function], _Function]:
    """Make a test function a check."""

    def mark(function: _Function) -> _Function:
        setattr(function, _ATTRIBUTE, Check(identifier, sentence, hooks, needs))
        return function

    return mark


def check_of(function: object) -> Check | None:
    """The check that a test function is; None for any other."""
    found: Any = getattr(function, _ATTRIBUTE, None)
    return found if isinstance(found, Check) else None


def checks_of(suite: type[object]) -> Iterator[Check]:
    """The checks of a class, in the order of their ids."""
    found = (check_of(getattr(suite, name)) for name in dir(suite) if name.startswith("test_"))
    yield from sorted((one for one in found if one), key=lambda one: one.id)
