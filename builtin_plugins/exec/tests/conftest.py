"""Programs as a site would write them: scripts, each with one behaviour."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from waldur_agent_exec.backend import ExecPlugin
from waldur_agent_exec.settings import ExecSettings
from waldur_agent_exec.signatures import HOOKS
from waldur_agent_hookspecs import AccountRef, Party, PluginContext

REF = AccountRef("1" * 32, "", "climate", "Climate", Party("2" * 32, "ocean"), Party("3" * 32, "uni"))
MakePlugin = Callable[..., ExecPlugin]


class Script:
    """A program that keeps its last request beside it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "backend"
        self._request = folder / "request"

    def becomes(self, body: str) -> None:
        self.path.write_text(f"#!/bin/sh\ncat >{self._request}\n{body}\n")
        self.path.chmod(0o755)

    def answers(self, result: Any) -> None:
        self.says({"result": result})

    def says(self, message: Any) -> None:
        answer = self.path.with_name("answer")
        answer.write_text(message if isinstance(message, str) else json.dumps(message))
        self.becomes(f"cat {answer}")

    @property
    def asked(self) -> Any:
        return json.loads(self._request.read_text())

    @property
    def was_asked(self) -> bool:
        return self._request.exists()


@pytest.fixture
def script(tmp_path: Path) -> Script:
    return Script(tmp_path)


@pytest.fixture
def make_plugin(script: Script) -> MakePlugin:
    def make(*, read_only: bool = False, hooks: tuple[str, ...] = HOOKS, **settings: Any) -> ExecPlugin:
        given = {"command": str(script.path), "hooks": list(hooks), **settings}
        context = PluginContext("Ocean", "0a1b2c3d4e5f60718293a4b5c6d7e8f9", read_only=read_only)
        return ExecPlugin(ExecSettings.model_validate(given), context)

    return make
