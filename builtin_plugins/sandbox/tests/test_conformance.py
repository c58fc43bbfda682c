from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest
from waldur_agent_hookspecs.conformance import BackendConformance
from waldur_agent_sandbox import SandboxPlugin


class TestSandbox(BackendConformance):
    plugin_class: ClassVar[type[Any] | None] = SandboxPlugin
    cleans_up: ClassVar[bool] = False

    @pytest.fixture
    def settings(self, tmp_path: Path) -> Mapping[str, object]:
        names = {"project_prefix": "p_", "allocation_prefix": "a_"}
        return {"database": tmp_path / "cluster.sqlite", "wait_seconds": 1, **names}
