"""What the tests of this plugin build on."""

from __future__ import annotations

import pytest
from services.mam import Mam
from services.mam_plans import make_plugin
from waldur_agent_moab.backend import MoabPlugin


@pytest.fixture
def plugin(mam: Mam) -> MoabPlugin:
    """A plugin that finds the stand-in's commands on ``PATH``."""
    del mam
    return make_plugin()
