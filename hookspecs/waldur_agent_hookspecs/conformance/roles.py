"""The jobs that the agent gives to plugins, and which hooks each takes."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from typing import Final

from waldur_agent_hookspecs import CHANGE_ORDER, PROJECT, specs

_ACCOUNTS: Final = ("list_accounts", "set_limits", "add_member", "apply_changes", "preview_changes")
_UNITS: Final = "describe_components"
_USAGE: Final = "collect_usage"
_NAMES: Final = frozenset({"find_username", "generate_username"})
_NOTICES: Final = frozenset({"members_synced", "hook_finished"})


@dataclass(frozen=True, slots=True)
class Role:
    """One job.

    Attributes:
        required: Hooks without which the agent refuses to give the plugin this job.
        asked: Hooks that the agent may ask in this job; a broken one makes the plugin unfit for it.
        own: Hooks that show that a plugin means to do this job.
    """

    name: str
    required: tuple[str, ...]
    asked: frozenset[str]
    own: frozenset[str]

    def missing(self, hooks: Iterable[str]) -> tuple[str, ...]:
        """The required hooks that a plugin with these hooks does not answer, itself or in bulk."""
        answered = set(hooks)
        return tuple(hook for hook in self.required if not answers(hook, answered))


ROLES: Final = (
    Role(
        "order processing",
        ("list_accounts", "create_account", "set_limits", "add_member", "delete_account"),
        frozenset({*_ACCOUNTS, _UNITS, "review_order", "create_account", "delete_account", "account_metadata"}),
        frozenset({"create_account", "delete_account", "apply_changes"}),
    ),
    Role(
        "membership sync",
        ("list_accounts", "add_member", "remove_member"),
        frozenset({*_ACCOUNTS, _UNITS, "remove_member", "set_status", "set_member_limits"}),
        frozenset({"add_member", "remove_member", "apply_changes"}),
    ),
    Role("reporting", (_USAGE,), frozenset({_UNITS, _USAGE}), frozenset({_USAGE})),
    Role("usernames", (), _NAMES, _NAMES),
    Role("listening", (), _NOTICES, _NOTICES),
)

ACCOUNT_HOOKS: Final = frozenset().union(*(role.asked for role in ROLES[:3]))
USERNAME_HOOKS: Final = ROLES[3].asked
NOTICES: Final = ROLES[4].asked
CHANGES: Final = {change.kind: change for change in CHANGE_ORDER}
"""What :func:`apply_changes` can do in place of a single hook of the same name."""

OPTIONAL: Final = frozenset({"set_status", "set_member_limits"})
"""Changes that a backend may have no notion of: only the hook of its own says that it has."""


def answers(hook: str, hooks: Container[str]) -> bool:
    """Whether a plugin with these hooks can be asked for what ``hook`` does."""
    return hook in hooks or (hook in CHANGES and hook not in OPTIONAL and "apply_changes" in hooks)


def all_hooks() -> tuple[str, ...]:
    """The names of the contract's hooks, as the specifications have them."""
    return tuple(name for name, value in vars(specs).items() if hasattr(value, f"{PROJECT}_spec"))


def implemented_hooks(plugin: object) -> frozenset[str]:
    """The hooks that a plugin's class or instance implements: methods that are marked and have a hook's name."""
    marked = (name for name in all_hooks() if hasattr(getattr(plugin, name, None), f"{PROJECT}_impl"))
    return frozenset(marked)
