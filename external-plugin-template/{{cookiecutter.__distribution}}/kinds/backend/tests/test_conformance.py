"""Everything that the agent relies on, checked by the contract's own kit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import pytest
from waldur_agent_hookspecs.conformance import BackendConformance

from {{ cookiecutter.__package }}.backend import {{ cookiecutter.__class }}


class TestConformance(BackendConformance):
    plugin_class: ClassVar[type[{{ cookiecutter.__class }}]] = {{ cookiecutter.__class }}

    @pytest.fixture
    def settings(self, request: pytest.FixtureRequest) -> Mapping[str, object]:
        # TODO: an empty system for each check, or one that the checks share: they use names of their own.
        # A time-out that a site can set is best a few seconds here: the kit waits 10 for a system that hangs.
        return {"address": f"memory:{request.node.name}"}
