"""What ``waldur-agent check`` tells about the program."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from waldur_agent_hookspecs import Health, HealthStatus, PluginError

from .client import Program
from .signatures import DESCRIBE, HOOKS, Description


def check(program: Program, hooks: Sequence[str], ask: Callable[[str], Any]) -> Sequence[Health]:
    """Ask the program what it serves, hold that against the settings, and add its own checks where it has any.

    Args:
        program: For the texts.
        hooks: What the settings say that it answers.
        ask: Asks it a hook without arguments.
    """
    try:
        described: Description = ask(DESCRIBE)
        found = [_known(program, described), *_compared(hooks, described)]
        return [*found, *(ask("check_health") if "check_health" in hooks else ())]
    except PluginError as reason:
        remedy = f'run it by hand: echo \'{{"protocol": 1, "hook": "{DESCRIBE}"}}\' | {program}'
        return [Health("program", HealthStatus.BAD, str(reason), remedy)]


def _known(program: Program, described: Description) -> Health:
    return Health(
        "program", HealthStatus.GOOD, " ".join(filter(None, (str(program), described.name, described.version)))
    )


def _compared(hooks: Sequence[str], described: Description) -> Iterator[Health]:
    serves = set(described.hooks)
    if missing := [hook for hook in hooks if hook not in serves]:
        detail = f"hooks lists {', '.join(missing)}, which the program does not answer"
        yield Health("program's hooks", HealthStatus.BAD, detail, "take them out of hooks, or update the program")
    elif idle := [hook for hook in HOOKS if hook in serves - set(hooks)]:
        yield Health("program's hooks", HealthStatus.GOOD, f"{', '.join(idle)} could be added to hooks")
    else:
        yield Health("program's hooks", HealthStatus.GOOD, ", ".join(hooks))
