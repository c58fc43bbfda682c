from __future__ import annotations

from collections.abc import Sequence

from waldur_agent.registry import PluginEntry
from waldur_agent.site import Site
from waldur_agent_hookspecs import Member, NotReady, hookimpl


class Homes:
    @hookimpl
    def prepare_users(self, members: Sequence[Member]) -> dict[str, str]:
        return {members[0].username: "no space left"}


class Ill:
    @hookimpl
    def prepare_users(self) -> dict[str, str]:
        raise ValueError("odd")


class Away:
    @hookimpl
    def prepare_users(self) -> dict[str, str]:
        raise NotReady("the file system does not answer")


def entry(name: str) -> PluginEntry:
    return PluginEntry(name, Homes, f"dist-{name}", "1.2", ())  # type: ignore[arg-type] # no settings are read here


def test_it_is_asked_of_everybody_and_a_fault_is_a_reason() -> None:
    site = Site("Cluster", [(entry("homes"), Homes()), (entry("ill"), Ill()), (entry("away"), Away())])
    assert site.prepare_users([Member("jane")]) == {
        "jane": "no space left",
        "away": "the file system does not answer",
        "ill": "plugin 'ill' (dist-ill 1.2) failed in prepare_users: ValueError('odd')",
    }
