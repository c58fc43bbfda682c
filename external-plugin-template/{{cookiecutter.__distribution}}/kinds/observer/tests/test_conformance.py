"""Everything that the agent relies on, checked by the contract's own kit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import pytest
from waldur_agent_hookspecs.conformance import ObserverConformance

from {{ cookiecutter.__package }}.observer import {{ cookiecutter.__class }}


class TestConformance(ObserverConformance):
    plugin_class: ClassVar[type[{{ cookiecutter.__class }}]] = {{ cookiecutter.__class }}

    @pytest.fixture
    def settings(self, tmp_path: Path) -> Mapping[str, object]:
        return {"audit_file": tmp_path / "audit.jsonl"}
