"""The plugin's keys under ``backend_settings``."""

from __future__ import annotations

import difflib
import os
import re
from pathlib import PurePath
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from .signatures import HOOKS

LONGEST_SECONDS: Final = 3600

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def _as_words(value: object) -> object:
    """A path alone is a command of one word; it is never split, as no shell ever sees it."""
    if isinstance(value, str) and any(letter.isspace() for letter in value):
        raise ValueError("a command with arguments, or a path with spaces, is written as a list: one item a word")
    return [value] if isinstance(value, str) else value


def _can_be_found(words: tuple[str, ...]) -> tuple[str, ...]:
    program = words[0]
    if not program or (os.sep in program and not PurePath(program).is_absolute()):
        raise ValueError("its first word has to be an absolute path, or a name to be looked up on PATH")
    if any("\0" in word for word in words):
        raise ValueError("a word of a command has no zero bytes")
    return words


def _known(hooks: tuple[str, ...]) -> tuple[str, ...]:
    for hook in hooks:
        if hook not in HOOKS:
            near = difflib.get_close_matches(hook, HOOKS, n=1)
            meant = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(HOOKS)}"
            raise ValueError(f"there is no hook {hook!r}{meant}")
    return tuple(dict.fromkeys(hooks))


def _variables(environment: dict[str, str]) -> dict[str, str]:
    for name, value in environment.items():
        if not _VARIABLE.fullmatch(name) or "\0" in value:
            raise ValueError(f"{name!r} cannot be a variable: letters, digits and '_', and no zero byte in its value")
    return environment


Command = Annotated[tuple[str, ...], Field(min_length=1), AfterValidator(_can_be_found), BeforeValidator(_as_words)]
Environment = Annotated[dict[str, str], AfterValidator(_variables)]
Hooks = Annotated[tuple[str, ...], Field(min_length=1), AfterValidator(_known)]


class ExecSettings(BaseModel):
    """Which program answers which hooks.

    Attributes:
        command: The program: its path, or a list of its path and arguments that come first at every call.
        hooks: The hooks that it answers; the agent does not ask it anything else.
        timeout_seconds: How long one call may take before the program is ended, with all that it started.
        environment: Variables for the program, beside the few that it gets of the agent's own.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    command: Command
    hooks: Hooks
    timeout_seconds: float = Field(default=60, gt=0, le=LONGEST_SECONDS)
    # Not shown: a site may keep a password of its system in it.
    environment: Environment = Field(default_factory=dict, repr=False)
