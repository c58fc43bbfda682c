"""The conformance kit: is a plugin right? Needs pytest: ``pip install waldur-agent-hookspecs[conformance]``.

Without writing a test::

    pytest --backend-conformance my_package:MyPlugin --backend-settings settings.yaml

or as a suite of one's own::

    class TestMyPlugin(BackendConformance):
        plugin_class = MyPlugin

        @pytest.fixture
        def settings(self, tmp_path):
            return {"database": str(tmp_path / "accounts.db")}
"""

from __future__ import annotations

from .bench import Bench, MakePlugin
from .check import Breach, check, expect
from .suites import BackendConformance, ObserverConformance, UsernameConformance
from .support import ConformanceSupport

__all__ = [
    "BackendConformance",
    "Bench",
    "Breach",
    "ConformanceSupport",
    "MakePlugin",
    "ObserverConformance",
    "UsernameConformance",
    "check",
    "expect",
]
