"""What the contract says of each hook: its arguments' and its answer's types, and whether it changes anything."""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import waldur_agent_hookspecs
from waldur_agent_hookspecs import CHANGE_ORDER, PROJECT, OutcomeStatus, specs

PROTOCOL: Final = 1
"""The version of the protocol; it changes when a program written for the older one would no longer be right."""

HOOKS: Final = tuple(name for name, value in vars(specs).items() if hasattr(value, f"{PROJECT}_spec"))
NOTICES: Final = frozenset({"members_synced", "hook_finished"})
"""Their answers are not looked at."""

WRITING: Final = frozenset({"apply_changes", "prepare_users", *(kind.kind for kind in CHANGE_ORDER)}) | NOTICES
"""What is not asked while the agent only shows what it would do."""

DESCRIBE: Final = "describe"
"""Asked by ``waldur-agent check`` only; no hook of the contract."""


@dataclass(frozen=True, slots=True)
class Description:
    """What a program says of itself.

    Attributes:
        hooks: The hooks that it can answer.
        name: What to call it in messages.
        version: Its own version.
    """

    hooks: tuple[str, ...]
    name: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class ChangeOutcome:
    """What became of one change of ``apply_changes``.

    Attributes:
        change: The change's place in ``changes``, from 0.
        status: How it ended.
        text: For people; never empty unless the status is ``done`` or ``unchanged``.
        backend_id: Set where an account was made or found.
    """

    change: int
    status: OutcomeStatus
    text: str = ""
    backend_id: str = ""


def argument_types(hook: str) -> Mapping[str, Any]:
    """The types of a hook's arguments, by name."""
    return {} if hook == DESCRIBE else {name: kind for name, kind in _hints(hook).items() if name != "return"}


def answer_type(hook: str) -> Any:
    """The type of a hook's answer. An outcome names its change by number: a program has no identity of objects."""
    if hook == DESCRIBE:
        return Description
    return Sequence[ChangeOutcome] if hook == "apply_changes" else _hints(hook)["return"]


def _hints(hook: str) -> Mapping[str, Any]:
    return typing.get_type_hints(getattr(specs, hook), vars(waldur_agent_hookspecs) | vars(specs))
