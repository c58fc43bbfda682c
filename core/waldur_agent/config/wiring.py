"""Which plugins serve an offering, by the names in its section and by what the plugins say of themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from waldur_agent.registry import PluginBroken, PluginEntry, PluginNotFound, Registry

from .document import Document
from .problems import nearest
from .roles import Role, backends
from .sections import OfferingSection
from .tree import Where


@dataclass
class Wiring:
    """The plugins of one offering.

    Attributes:
        backends: For each job that is done, its plugin.
        listed: The plugins under ``plugins:``.
        joining: Plugins that join by themselves where a key of theirs under ``backend_settings`` is true: see
            :func:`joins_with`. Their keys may stand in every offering.
        complete: Whether there is a backend and every plugin named could be had. Where not, nobody can say which
            keys are known.
    """

    backends: dict[Role, PluginEntry] = field(default_factory=dict)
    usernames: PluginEntry | None = None
    listed: dict[str, PluginEntry] = field(default_factory=dict)
    joining: dict[str, PluginEntry] = field(default_factory=dict)
    complete: bool = True

    @property
    def named(self) -> dict[str, PluginEntry]:
        """Those that the offering names, by name."""
        entries = [*self.backends.values(), *([self.usernames] if self.usernames else []), *self.listed.values()]
        return {entry.name: entry for entry in entries}

    @property
    def makes_os_users(self) -> bool:
        """Whether a backend for orders or members says that its members are users of the operating system."""
        entries = [self.backends.get(role) for role in (Role.ORDER_PROCESSING, Role.MEMBERSHIP_SYNC)]
        return any(getattr(entry.plugin, "members_are_os_users", False) for entry in entries if entry)


def joins_with(entry: PluginEntry) -> str:
    """The settings key by which a plugin joins every offering whose members are users of the operating system.

    It is the class's ``joins_with``; empty for a plugin that serves only where it is named.
    """
    return str(getattr(entry.plugin, "joins_with", ""))


def wire(
    section: OfferingSection, given: Mapping[str, object], registry: Registry, document: Document, where: Where
) -> Wiring:
    """Look up every plugin that the offering names; note those that cannot be had."""
    wiring = Wiring()
    for role, (name, place) in backends(section, given, document, where).items():
        if entry := _found(name, registry, document, place, wiring):
            wiring.backends[role] = entry
    wiring.complete = wiring.complete and bool(wiring.backends)
    key = (*where, "username_management_backend")
    wiring.usernames = _found(section.username_management_backend, registry, document, key, wiring)
    for index, name in enumerate(section.plugins):
        place = (*where, "plugins", index)
        if name in wiring.listed:
            document.complain(place, f"names {name} a second time", expected="each plugin once")
        elif entry := _found(name, registry, document, place, wiring):
            wiring.listed[name] = entry
    wiring.joining = {entry.name: entry for entry in registry if joins_with(entry)}
    return wiring


def _found(name: str, registry: Registry, document: Document, where: Where, wiring: Wiring) -> PluginEntry | None:
    try:
        return registry.get(name)
    except PluginNotFound:
        installed = f"one of {', '.join(registry.names())}" if registry.names() else "the name of an installed plugin"
        text, expected = f"names the plugin {name!r}, which is not installed", installed
    except PluginBroken as reason:
        text, expected = f"names a plugin that cannot be used: {reason}", "a plugin that works"
    wiring.complete = False
    document.complain(where, text, expected=expected, nearest=nearest(name, registry.names()))
    return None
