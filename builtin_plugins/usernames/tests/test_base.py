from __future__ import annotations

from waldur_agent_hookspecs import PluginContext, User
from waldur_agent_usernames.base import BaseUsernames, NoSettings


def test_nobody_gets_a_name() -> None:
    plugin = BaseUsernames(NoSettings(), PluginContext("Ocean", "0a1b2c3d4e5f60718293a4b5c6d7e8f9"))
    user = User("1a1b2c3d4e5f60718293a4b5c6d7e8f9", login="jdoe@example.org", full_name="Jane Doe")
    assert plugin.find_username(user) == ""
    assert plugin.generate_username(user, frozenset()) == ""
