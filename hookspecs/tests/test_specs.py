from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Callable
from typing import Any

import pluggy
import pytest
import waldur_agent_hookspecs as contract
from waldur_agent_hookspecs import PROJECT, specs

Hooks = dict[str, Callable[..., Any]]

ARGUMENTS = {
    "describe_components": ("configured",),
    "review_order": ("order",),
    "list_accounts": ("refs",),
    "collect_usage": ("refs", "period"),
    "account_metadata": ("ref",),
    "preview_changes": ("changes",),
    "apply_changes": ("changes",),
    "create_account": ("ref",),
    "set_limits": ("ref", "change"),
    "set_status": ("ref", "status"),
    "delete_account": ("ref",),
    "add_member": ("ref", "member"),
    "remove_member": ("ref", "member"),
    "set_member_limits": ("ref", "member", "change"),
    "find_username": ("user",),
    "generate_username": ("user", "taken"),
    "check_health": (),
    "prepare_users": ("members",),
    "members_synced": ("ref", "members"),
    "hook_finished": ("outcome",),
}
"""What a plugin may name as arguments. An argument may be added; taking one away or renaming it breaks plugins."""

NOTICES = {"members_synced", "hook_finished"}
ASKED_OF_ALL = {"check_health", "prepare_users"}
PARTS = ("Called", "Args", "Returns", "Raises")
RAISED = {"NotReady", "BackendError", "UserActionNeeded"}

each_hook = pytest.mark.parametrize("name", ARGUMENTS)


def _parts(hook: Callable[..., Any]) -> dict[str, str]:
    """The docstring's parts by their names, in their order; the first is the summary."""
    text = inspect.getdoc(hook) or ""
    pieces = re.split(r"^([A-Z]\w+): ?", text, flags=re.MULTILINE)
    return {"Summary": pieces[0].strip(), **dict(zip(pieces[1::2], pieces[2::2], strict=True))}


def _described(part: str) -> list[str]:
    return re.findall(r"^ {4}(\w+): \S", part, re.MULTILINE)


def test_the_hooks_and_their_arguments_are_these(hooks: Hooks) -> None:
    assert {name: tuple(inspect.signature(hook).parameters) for name, hook in hooks.items()} == ARGUMENTS


def test_pluggy_takes_all_of_them() -> None:
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(specs)
    assert {name for name in ARGUMENTS if hasattr(manager.hook, name)} == set(ARGUMENTS)


@each_hook
def test_a_question_has_one_answerer_and_a_notice_goes_to_all(hooks: Hooks, name: str) -> None:
    options = getattr(hooks[name], f"{PROJECT}_spec")
    assert options["firstresult"] is (name not in NOTICES | ASKED_OF_ALL)
    assert not options["historic"]


@each_hook
def test_only_a_notice_is_named_by_a_past_participle_and_returns_nothing(hooks: Hooks, name: str) -> None:
    hints = typing.get_type_hints(hooks[name], vars(contract) | vars(specs))
    assert name.endswith("ed") is (name in NOTICES)
    assert (hints["return"] is type(None)) is (name in NOTICES)


@each_hook
def test_every_argument_is_typed_and_none_has_a_default(hooks: Hooks, name: str) -> None:
    for parameter in inspect.signature(hooks[name]).parameters.values():
        assert parameter.annotation is not inspect.Parameter.empty
        assert parameter.default is inspect.Parameter.empty


@each_hook
def test_the_documentation_has_its_parts_in_order(hooks: Hooks, name: str) -> None:
    parts = _parts(hooks[name])
    wanted = ("Summary", *(part for part in PARTS if part != "Args" or ARGUMENTS[name]))
    assert tuple(parts) == wanted
    assert all(text.strip() for text in parts.values())


@each_hook
def test_the_summary_is_one_imperative_line(hooks: Hooks, name: str) -> None:
    summary = _parts(hooks[name])["Summary"]
    assert "\n" not in summary
    assert summary.endswith(".")
    assert not summary.split()[0].endswith(("s", "ed"))


@each_hook
def test_exactly_the_arguments_are_described(hooks: Hooks, name: str) -> None:
    assert tuple(_described(_parts(hooks[name]).get("Args", ""))) == ARGUMENTS[name]


@each_hook
def test_every_error_described_is_one_that_a_plugin_may_raise(hooks: Hooks, name: str) -> None:
    described = _described(_parts(hooks[name])["Raises"])
    allowed = {"Anything"} if name in NOTICES else RAISED
    assert described
    assert set(described) <= allowed
    assert name in NOTICES or "NotReady" in described
