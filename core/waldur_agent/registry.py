"""Which plugins are installed, and which of them can be used.

Plugins are found through the entry points of the group ``waldur_agent.plugins``. One that cannot be imported harms
nobody until a configuration names it: it is kept with the reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType

from waldur_agent_hookspecs import ENTRY_POINT_GROUP, PROJECT, SUPPORTED_API_VERSIONS, Plugin, specs

FORMER_GROUPS = ("waldur_site_agent.backends", "waldur_site_agent.username_management_backends")
"""Where waldur-site-agent finds its backends: classes with a base class of it, which answer no hooks."""


class PluginNotFound(Exception):  # noqa: N818 - reads as what happened, beside PluginBroken
    """No installed distribution offers a plugin of this name."""


class PluginBroken(Exception):  # noqa: N818 - reads as the plugin's state
    """A plugin of this name is installed, but cannot be used."""


@dataclass(frozen=True)
class PluginEntry:
    """A plugin class and where it comes from. ``hooks`` are the names of the hooks that it implements, sorted."""

    name: str
    plugin: type[Plugin]
    distribution: str
    version: str
    hooks: tuple[str, ...]

    @classmethod
    def of(cls, name: str, plugin: type[Plugin], *, distribution: str = "by hand", version: str = "0") -> PluginEntry:
        """An entry for a class at hand; its hooks are read off the class."""
        return cls(name, plugin, distribution, version, implemented_hooks(plugin))


class Registry:
    """Plugins by name; never changes. Iterating gives the usable entries, in the order of their names."""

    def __init__(self, entries: Mapping[str, PluginEntry], broken: Mapping[str, str]) -> None:
        self._entries = MappingProxyType(dict(sorted(entries.items())))
        self.broken: Mapping[str, str] = MappingProxyType(dict(sorted(broken.items())))

    @classmethod
    def discover(cls) -> Registry:
        """Load every installed plugin."""
        claims: dict[str, list[EntryPoint]] = {}
        for point in entry_points(group=ENTRY_POINT_GROUP):
            claims.setdefault(point.name, []).append(point)
        entries: dict[str, PluginEntry] = {}
        broken: dict[str, str] = {}
        for name, points in claims.items():
            try:
                entries[name] = _only(points)
            except PluginBroken as reason:
                broken[name] = str(reason)
        return cls(entries, broken)

    @classmethod
    def of(cls, *entries: PluginEntry) -> Registry:
        """A registry of just these."""
        return cls({entry.name: entry for entry in entries}, {})

    def __iter__(self) -> Iterator[PluginEntry]:
        return iter(self._entries.values())

    def names(self) -> tuple[str, ...]:
        """The names of the plugins that can be used."""
        return tuple(self._entries)

    def get(self, name: str) -> PluginEntry:
        """The plugin called ``name``.

        Raises:
            PluginNotFound: with the names that there are.
            PluginBroken: with the reason and the distribution.
        """
        if name in self.broken:
            raise PluginBroken(self.broken[name])
        if name not in self._entries:
            if former := _former(name):
                raise PluginBroken(former)
            raise PluginNotFound(f"no plugin is called {name!r}; installed are {', '.join(self._entries) or 'none'}")
        return self._entries[name]


def implemented_hooks(plugin: type[object]) -> tuple[str, ...]:
    """The hooks of the contract that a class implements, sorted. A marked method of another name is none of them."""
    return tuple(
        name
        for name in sorted(dir(plugin))
        if hasattr(getattr(plugin, name, None), f"{PROJECT}_impl")
        and hasattr(getattr(specs, name, None), f"{PROJECT}_spec")
    )


def _former(name: str) -> str:
    """Why a name that only waldur-site-agent would know cannot be used; empty for any other."""
    for point in (point for group in FORMER_GROUPS for point in entry_points(group=group, name=name)):
        return (
            f"{name!r} of {_owner(point)} was written for waldur-site-agent (entry-point group {point.group}); this "
            f"agent's plugins answer hooks and are in the group {ENTRY_POINT_GROUP}: see docs/deployment.md, Custom "
            "backends"
        )
    return ""


def _only(points: list[EntryPoint]) -> PluginEntry:
    if len(points) > 1:
        owners = " and ".join(sorted(_owner(point) for point in points))
        raise PluginBroken(f"the plugin name {points[0].name!r} is claimed by {owners}; uninstall one of them")
    return _load(points[0])


def _load(point: EntryPoint) -> PluginEntry:
    who = f"plugin {point.name!r} of {_owner(point)}"
    try:
        plugin = point.load()
    # Isolation: importing a stranger's module may fail in any way, also by ending the program, and must not keep
    # the other plugins from working.
    except (Exception, SystemExit) as error:
        raise PluginBroken(f"{who} cannot be imported: {type(error).__name__}: {error}") from error
    _check(plugin, point.value, who)
    name, version = _distribution(point)
    return PluginEntry.of(point.name, plugin, distribution=name, version=version)


def _check(plugin: object, value: str, who: str) -> None:
    if not isinstance(plugin, type):
        raise PluginBroken(f"{who} is no plugin: {value} is not a class")
    api_version = getattr(plugin, "api_version", None)
    if api_version not in SUPPORTED_API_VERSIONS:
        known = ", ".join(map(str, sorted(SUPPORTED_API_VERSIONS)))
        raise PluginBroken(
            f"{who} was written for version {api_version} of the plugin contract, this agent understands {known}; "
            "update the older of the two"
        )
    if not hasattr(getattr(plugin, "settings_model", None), "model_fields"):
        raise PluginBroken(f"{who} is no plugin: its settings_model is not a pydantic model")


def _distribution(point: EntryPoint) -> tuple[str, str]:
    # A distribution whose metadata lack a name or a version still has entry points.
    found = point.dist
    return (found.name or "unknown", found.version or "unknown") if found else ("unknown", "unknown")


def _owner(point: EntryPoint) -> str:
    return " ".join(_distribution(point))
