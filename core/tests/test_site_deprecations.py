"""What the contract is about to drop is told at start, once for each plugin that still has it."""

from __future__ import annotations

import pluggy
from waldur_agent.site import register
from waldur_agent_hookspecs import PROJECT, hookimpl, hookspec


class Contract:
    """One that is to drop a hook and an argument."""

    @hookspec(warn_on_impl=DeprecationWarning("set_quota goes in 2.0; use set_limits"))
    def set_quota(self) -> None: ...

    @hookspec(warn_on_impl_args={"name": DeprecationWarning("name goes in 2.0; use ref")})
    def add_member(self, ref: str, name: str) -> None: ...


class Old:
    @hookimpl
    def set_quota(self) -> None: ...

    @hookimpl
    def add_member(self, name: str) -> None: ...


class New:
    @hookimpl
    def add_member(self, ref: str) -> None: ...


def test_a_plugin_that_has_what_is_to_go_is_told_what_to_use() -> None:
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(Contract)
    assert sorted(register(manager, Old(), "old")) == [
        "name goes in 2.0; use ref",
        "set_quota goes in 2.0; use set_limits",
    ]
    assert register(manager, New(), "new") == []
