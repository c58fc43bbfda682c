"""What the tests of this plugin build on."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from services.slurm_plans import PluginMaker
from waldur_agent_hookspecs import Component, PluginContext
from waldur_agent_slurm.backend import SlurmPlugin
from waldur_agent_slurm.settings import SlurmSettings

PREFIXES = {"customer_prefix": "c_", "project_prefix": "p_", "allocation_prefix": "a_"}


@pytest.fixture
def make_plugin() -> PluginMaker:
    """Plugins as core makes them, with settings that suit the tests."""

    def make(*, read_only: bool = False, **settings: Any) -> SlurmPlugin:
        components = {
            name: Component(name, "limit", Decimal(1), "minutes", name.upper()) for name in ("cpu", "mem", "gres/gpu")
        }
        context = PluginContext("Test cluster", "0" * 32, components, read_only=read_only)
        model = SlurmSettings.model_validate({**PREFIXES, "require_os_user": False, **settings})
        return SlurmPlugin(model, context)

    return make


@pytest.fixture
def plugin(make_plugin: PluginMaker) -> SlurmPlugin:
    return make_plugin()
