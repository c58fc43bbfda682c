from __future__ import annotations

import inspect
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import waldur_agent_hookspecs as contract
from waldur_agent_hookspecs.reference import hook_reference

PAGE = Path(__file__).resolve().parents[2] / "docs" / "hooks.md"
Hooks = dict[str, Callable[..., Any]]


def _section(name: str) -> str:
    return hook_reference().partition(f"\n## {name}\n")[2].partition("\n## ")[0]


def test_the_page_is_current() -> None:
    said = "it is written by: make docs"
    assert PAGE.read_text(encoding="utf-8") == hook_reference(), said


def test_it_can_be_printed() -> None:
    command = [sys.executable, "-m", "waldur_agent_hookspecs"]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout == hook_reference()


def test_every_hook_is_there_with_its_arguments_and_errors(hooks: Hooks) -> None:
    for name, hook in hooks.items():
        section = _section(name)
        for argument in inspect.signature(hook).parameters:
            assert f"\n- `{argument}`: " in section, name
        for part in ("**Called** ", "**Returns** ", "**raises** `"):
            assert f"\n- {part}" in section, name


@pytest.mark.parametrize("name", [name for name in contract.__all__ if name[0].isupper() and not name.isupper()])
def test_every_type_is_there(name: str) -> None:
    aliases = {"Amounts", "Limits", "Plugin"}  # two mappings, and the class that a plugin looks like
    assert name in aliases or f"\n### {name}\n" in hook_reference()


def test_it_is_markdown() -> None:
    assert re.findall(r":\w+:`|(?<!`)``(?!`)", hook_reference()) == []
