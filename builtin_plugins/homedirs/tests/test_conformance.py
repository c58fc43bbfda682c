from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import pytest
from waldur_agent_homedirs.plugin import HomedirsPlugin
from waldur_agent_hookspecs.conformance import ObserverConformance


class TestHomedirs(ObserverConformance):
    plugin_class: ClassVar[type[Any] | None] = HomedirsPlugin

    @pytest.fixture
    def settings(self) -> Mapping[str, object]:
        return {"enable_user_homedir_account_creation": True}
