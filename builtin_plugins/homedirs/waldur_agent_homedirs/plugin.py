"""The plugin's class."""

from __future__ import annotations

from typing import ClassVar

from waldur_agent_hookspecs import PluginContext

from .settings import HomedirsSettings


class HomedirsPlugin:
    """Serves every offering whose backend's members are users of the operating system."""

    api_version: ClassVar[int] = 1
    settings_model: ClassVar[type[HomedirsSettings]] = HomedirsSettings
    joins_with: ClassVar[str] = "enable_user_homedir_account_creation"
    """The key that, where it is true, makes this plugin serve an offering that does not list it."""

    def __init__(self, settings: HomedirsSettings, context: PluginContext) -> None:
        self._settings = settings
        self._context = context
