"""What ``pytest --backend-conformance module:Class`` collects: one suite, for the jobs that the class can do."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from waldur_agent_hookspecs import Component

from .offering_file import Offering, filled_in
from .roles import ACCOUNT_HOOKS, NOTICES, USERNAME_HOOKS, implemented_hooks
from .suites import BackendConformance, Conformance, ObserverConformance, UsernameConformance
from .support import ConformanceSupport

_SUITES = {
    BackendConformance: ACCOUNT_HOOKS,
    UsernameConformance: USERNAME_HOOKS,
    ObserverConformance: NOTICES,
}


def suite_of(plugin: type[Any], offering: Offering, support_class: type[ConformanceSupport]) -> type[Conformance]:
    """The suite for a plugin on the backend of which a settings file speaks."""
    hooks = implemented_hooks(plugin)
    bases = tuple(suite for suite, asked in _SUITES.items() if asked & hooks) or (Conformance,)

    class FromFile:
        plugin_class = plugin

        @pytest.fixture
        def settings(self, tmp_path: Path) -> object:
            return filled_in(offering.settings, tmp_path)

        @pytest.fixture
        def components(self) -> Mapping[str, Component]:
            return offering.components

        @pytest.fixture
        def timezone(self) -> str:
            return offering.timezone

        @pytest.fixture
        def support(self, plugin_settings: Any) -> ConformanceSupport:
            return support_class(plugin_settings)

    return type("TestPlugin", (FromFile, *bases), {"__module__": __name__})
