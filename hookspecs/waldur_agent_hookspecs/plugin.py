"""What a plugin's class looks like, and what it is given when an instance is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, ClassVar, Protocol

from .components import Component


@dataclass(frozen=True, slots=True)
class PluginContext:
    """What core tells a plugin instance about the offering that it serves.

    Attributes:
        offering: The offering's name in the configuration, for messages.
        offering_uuid: The offering's UUID, 32 lower-case hex characters.
        components: ``backend_components`` as configured, by type.
        timezone: IANA name of the zone in which months are billed.
        read_only: True while the agent only shows what it would do: the plugin must not write anything.
    """

    offering: str
    offering_uuid: str
    components: Mapping[str, Component] = field(default_factory=lambda: MappingProxyType({}))
    timezone: str = "UTC"
    read_only: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "components", MappingProxyType(dict(self.components)))


class Plugin(Protocol):
    """The class behind an entry point of the group ``waldur_agent.plugins``.

    One instance is made per offering and role; it keeps no data about persons between cycles. Hooks are methods
    marked with :data:`~waldur_agent_hookspecs.hookimpl`; a plugin can what it implements, there are no flags. Where
    that depends on its settings, None in the place of a method, on the class or the instance, takes the hook back.

    Attributes:
        api_version: The :data:`~waldur_agent_hookspecs.API_VERSION` that the plugin was written for.
        settings_model: A pydantic model of the plugin's own keys under ``backend_settings``. Unknown keys,
            wrong types and wrong values are reported with file, line and column before anything starts. Its
            validators may read ``info.context["components"]`` and may call ``warnings.warn``.

    Further class attributes are optional:

    - ``members_are_os_users = True`` on a backend whose members have accounts in the operating system;
    - ``joins_with = "<key of its own settings>"`` on a listener: it joins every offering with such a backend where
      that key is true, without being named in the configuration;
    - ``makes_names = False`` on a plugin for usernames that has none for anybody: it is not asked then.
    """

    api_version: ClassVar[int]
    settings_model: ClassVar[type[Any]]

    def __init__(self, settings: Any, context: PluginContext) -> None:
        """Keep ``settings`` (an instance of ``settings_model``); touch no backend and start nothing."""


class HealthStatus(StrEnum):
    """How something that a plugin needs is doing."""

    GOOD = "good"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Health:
    """One thing that a plugin checked: what, whether it works, what was seen, and how to mend it."""

    check: str
    status: HealthStatus
    detail: str = ""
    remedy: str = ""
