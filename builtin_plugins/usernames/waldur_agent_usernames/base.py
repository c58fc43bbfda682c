"""The default: names are made elsewhere, and the agent only reads them from Waldur."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict
from waldur_agent_hookspecs import PluginContext, User, hookimpl


class NoSettings(BaseModel):
    """This plugin has no keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class BaseUsernames:
    """Knows no names and makes none, which leaves everybody as Waldur has them."""

    api_version: ClassVar[int] = 1
    settings_model: ClassVar[type[NoSettings]] = NoSettings
    makes_names: ClassVar[bool] = False

    def __init__(self, settings: NoSettings, context: PluginContext) -> None:
        """Nothing of either is needed."""

    @hookimpl
    def find_username(self, user: User) -> str:  # noqa: ARG002 - the answer is the same for everybody
        """There is no name to be found here."""
        return ""

    @hookimpl
    def generate_username(self, user: User, taken: frozenset[str]) -> str:  # noqa: ARG002 - as above
        """No name is made."""
        return ""
