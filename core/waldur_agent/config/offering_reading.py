"""From one entry of ``offerings`` to an :class:`~.offering.Offering`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from waldur_agent_hookspecs import Component

from waldur_agent.registry import PluginEntry, Registry

from . import later
from .document import Document
from .later import LaterKeys
from .offering import Offering
from .plugin_settings import own_settings, refuse_strangers
from .salvage import read_section
from .scalars import UNUSABLE
from .sections import OfferingSection
from .tokens import token
from .tree import Where
from .wiring import Wiring, joins_with, wire

# What the result takes over from the section as it is.
_SAME = (
    "name",
    "verify_ssl",
    "websocket_use_tls",
    "stomp_ws_host",
    "stomp_ws_port",
    "stomp_ws_path",
    "mqtt_ws_host",
    "mqtt_ws_port",
    "mqtt_ws_path",
    "removal_fuse",
    "recreate_missing_accounts",
)


class OfferingReader:
    """Reads one entry after the other; ``warnings`` are what the plugins want to be said."""

    def __init__(
        self,
        document: Document,
        registry: Registry,
        later_keys: LaterKeys,
        environ: Mapping[str, str],
        directory: Path,
    ) -> None:
        self._document = document
        self._registry = registry
        self._later = later_keys
        self._environ = environ
        self._directory = directory
        self.warnings: list[str] = []

    def read(self, item: object, index: int) -> Offering | None:
        """The offering, with stand-ins for what is wrong (which is noted); None where there is no mapping."""
        where = ("offerings", index)
        if not isinstance(item, dict):
            if item == UNUSABLE:
                return None
            self._document.complain(where, "is no mapping", expected="the keys of an offering")
            return None
        given = self._without_later(item, where)
        section, bad = read_section(OfferingSection, given, self._document, where)
        components = _components(section)
        wiring = wire(section, given, self._registry, self._document, where)
        settings = self._settings(section, wiring, None if "backend_components" in bad else components, where)
        return Offering(
            **{key: getattr(section, key) for key in _SAME},
            api_url=section.waldur_api_url,
            token=token(section, given, self._document, where, environ=self._environ, directory=self._directory),
            uuid=section.waldur_offering_uuid,
            backends=MappingProxyType({role: entry.name for role, entry in wiring.backends.items()}),
            username_plugin=section.username_management_backend,
            plugins=tuple(name for name in settings if name in wiring.listed or name in wiring.joining),
            event_transport=self._transport(section, where),
            components=components,
            settings=settings,
            protected_users=frozenset(section.protected_users),
            allow_usage_decrease=(
                frozenset(section.allow_usage_decrease)
                if isinstance(section.allow_usage_decrease, list)
                else section.allow_usage_decrease
            ),
        )

    def _without_later(self, item: dict[str, object], where: Where) -> dict[str, object]:
        given = self._later.without(item, where, later.OFFERING)
        components = given.get("backend_components")
        if isinstance(components, dict):
            place = (*where, "backend_components")
            given["backend_components"] = {
                key: self._later.without(value, (*place, key), later.COMPONENT) if isinstance(value, dict) else value
                for key, value in components.items()
            }
        return given

    def _settings(
        self, section: OfferingSection, wiring: Wiring, components: Mapping[str, Component] | None, where: Where
    ) -> Mapping[str, Any]:
        given = section.backend_settings
        place = (*where, "backend_settings")
        readers = {**wiring.named, **wiring.joining}
        if wiring.complete:
            refuse_strangers(
                given,
                list(readers.values()),
                self._document,
                place,
                registry=self._registry,
                later_keys=self._later,
            )
        settings: dict[str, Any] = {}
        for entry in readers.values():
            own, said = own_settings(entry, given, components, self._document, place)
            if own is not None and self._serves(entry, own, wiring, where):
                settings[entry.name] = own
                self.warnings += said
        return MappingProxyType(settings)

    def _serves(self, entry: PluginEntry, settings: object, wiring: Wiring, where: Where) -> bool:
        """Whether a plugin serves the offering: it is named, or it joins by itself."""
        switch = joins_with(entry)
        wanted = bool(getattr(settings, switch, False)) if switch else True
        if entry.name in wiring.named and not wanted:
            self._document.complain(
                (*where, "plugins"),
                f"lists {entry.name}, and {switch} is false",
                expected=f"one of them to change: {entry.name} joins by itself where the key is true",
            )
        return wanted and (entry.name in wiring.named or wiring.makes_os_users)

    def _transport(self, section: OfferingSection, where: Where) -> Literal["stomp", "mqtt"] | None:
        if section.stomp_enabled and section.mqtt_enabled:
            self._document.complain(
                (*where, "mqtt_enabled"), "is true beside stomp_enabled", expected="one of them", at_key=True
            )
        if section.stomp_enabled:
            return "stomp"
        return "mqtt" if section.mqtt_enabled else None


def _components(section: OfferingSection) -> Mapping[str, Component]:
    return MappingProxyType(
        {kind: Component(type=kind, **dict(component)) for kind, component in section.backend_components.items()}
    )
