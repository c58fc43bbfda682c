from __future__ import annotations

from typing import Any, ClassVar

from waldur_agent_hookspecs.conformance import UsernameConformance
from waldur_agent_usernames.base import BaseUsernames
from waldur_agent_usernames.full_name import FullNameUsernames


class TestBase(UsernameConformance):
    plugin_class: ClassVar[type[Any] | None] = BaseUsernames


class TestFullName(UsernameConformance):
    plugin_class: ClassVar[type[Any] | None] = FullNameUsernames
