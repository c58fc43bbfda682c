"""The example in shell keeps every promise of the hooks that it answers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

import pytest
from waldur_agent_exec.backend import ExecPlugin
from waldur_agent_hookspecs.conformance import BackendConformance, ConformanceSupport

PROGRAM = Path(__file__).resolve().parents[3] / "examples" / "exec" / "backend"
HOOKS = [
    "review_order",
    "list_accounts",
    "create_account",
    "set_limits",
    "set_status",
    "delete_account",
    "add_member",
    "remove_member",
    "set_member_limits",
]


class Files(ConformanceSupport):
    """Somebody with an editor."""

    @property
    def folder(self) -> Path:
        return Path(self.settings.environment["ACCOUNTS"])

    @contextmanager
    def break_backend(self) -> Iterator[None]:
        away = self.folder.with_name("away")
        self.folder.rename(away)
        try:
            yield
        finally:
            away.rename(self.folder)

    def plant_foreign_account(self, backend_id: str) -> None:
        named = {"name": backend_id, "tag": None, "description": ""}
        account: dict[str, object] = {**named, "status": "active", "limits": {}, "members": {}}
        (self.folder / f"{backend_id}.json").write_text(json.dumps(account))


class TestExample(BackendConformance):
    plugin_class: ClassVar[type[ExecPlugin]] = ExecPlugin
    cleans_up: ClassVar[bool] = False

    @pytest.fixture
    def settings(self, tmp_path: Path) -> Mapping[str, object]:
        accounts = tmp_path / "accounts"
        accounts.mkdir()
        environment = {"ACCOUNTS": str(accounts), "PREFIX": "hpc_"}
        return {"command": str(PROGRAM), "hooks": HOOKS, "environment": environment}

    @pytest.fixture
    def support(self, plugin_settings: object) -> ConformanceSupport:
        return Files(plugin_settings)
