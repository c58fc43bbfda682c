"""The plugin's class."""

from __future__ import annotations

from typing import ClassVar

from waldur_agent_hookspecs import PluginContext

from .settings import MoabSettings


class MoabPlugin:
    """Accounts with funds, into which orders deposit."""

    api_version: ClassVar[int] = 1
    settings_model: ClassVar[type[MoabSettings]] = MoabSettings

    def __init__(self, settings: MoabSettings, context: PluginContext) -> None:
        self._settings = settings
        self._context = context
