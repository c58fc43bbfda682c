from __future__ import annotations

from waldur_agent_hookspecs.conformance.support import ConformanceSupport, find_support


def test_a_plugin_without_a_package_of_its_own_has_no_support() -> None:
    assert find_support(type("Plugin", (), {"__module__": "nowhere_at_all"})) is ConformanceSupport


def test_only_what_is_overridden_can_be_done() -> None:
    class Support(ConformanceSupport):
        def plant_foreign_account(self, backend_id: str) -> None: ...

    support = Support(None)
    assert support.can("plant_foreign_account")
    assert not support.can("add_usage")
