"""Everything that the agent relies on, checked by the contract's own kit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import pytest
from waldur_agent_hookspecs.conformance import UsernameConformance

from {{ cookiecutter.__package }}.usernames import {{ cookiecutter.__class }}


class TestConformance(UsernameConformance):
    plugin_class: ClassVar[type[{{ cookiecutter.__class }}]] = {{ cookiecutter.__class }}

    @pytest.fixture
    def settings(self, request: pytest.FixtureRequest) -> Mapping[str, object]:
        # TODO: an empty test installation of your directory.
        return {"directory": f"memory:{request.node.name}"}
