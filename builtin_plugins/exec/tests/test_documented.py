"""The protocol's page and its schema say what the plugin does."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from waldur_agent_exec.parser import read_answer
from waldur_agent_exec.schema import protocol
from waldur_agent_exec.signatures import DESCRIBE, HOOKS
from waldur_agent_hookspecs import PluginError

from .test_schema import refused

DOCS = Path(__file__).resolve().parents[3] / "docs"
PAGE = (DOCS / "exec-protocol.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```json (\S+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_the_schema_is_current() -> None:
    path = DOCS / "exec-protocol.schema.json"
    assert json.loads(path.read_text(encoding="utf-8")) == protocol(), "it is written by: make docs"


@pytest.mark.parametrize(("definition", "text"), EXAMPLES)
def test_an_example_is_a_message(definition: str, text: str) -> None:
    assert refused(definition, json.loads(text)) == []
    hook, kind = definition.split(".")
    if kind == "answer":
        try:
            read_answer(hook, text.encode())
        except PluginError:
            assert '"error"' in text


def test_every_hooks_answer_is_told() -> None:
    assert len(EXAMPLES) > 4
    rows = "".join(line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| `"))
    assert {hook for hook in (DESCRIBE, *HOOKS) if f"`{hook}`" not in rows} == set()
