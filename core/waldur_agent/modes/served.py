"""One offering ready to be served: its configuration, its Waldur and its plugins."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event
from zoneinfo import ZoneInfo

from waldur_agent_hookspecs import PluginContext

from waldur_agent import __version__
from waldur_agent.config import Config, Offering, Role
from waldur_agent.modes.departed import Departed
from waldur_agent.modes.focus import EVERYTHING, Focus
from waldur_agent.planning import Calendar
from waldur_agent.registry import PluginEntry, Registry
from waldur_agent.site import Site
from waldur_agent.waldur import Connection, Waldur


@dataclass(frozen=True, slots=True)
class Served:
    """What a mode works with. ``stop`` is set when the agent is asked to end: nothing new is begun then."""

    offering: Offering
    waldur: Waldur
    site: Site
    stop: Event
    focus: Focus = EVERYTHING
    departed: Departed = field(default_factory=Departed)
    calendar: Calendar = field(default_factory=Calendar)


def build_site(offering: Offering, role: Role, registry: Registry, timezone: str, *, read_only: bool) -> Site:
    """Make the plugin instances that serve ``offering`` in ``role``.

    Raises:
        SiteError: they cannot work together.
        PluginNotFound, PluginBroken: one of them cannot be had.
    """
    context = PluginContext(
        offering=offering.name,
        offering_uuid=offering.uuid,
        components=offering.components,
        timezone=timezone,
        read_only=read_only,
    )
    names = dict.fromkeys([offering.backends[role], offering.username_plugin, *offering.plugins])
    return Site(offering.name, [_instance(registry.get(name), offering.settings, context) for name in names])


def _instance(
    entry: PluginEntry, settings: Mapping[str, object], context: PluginContext
) -> tuple[PluginEntry, object]:
    return entry, entry.plugin(settings[entry.name], context)


def calendar_of(config: Config) -> Calendar:
    """How months are reported, by the machine's clock."""
    return Calendar(ZoneInfo(config.timezone), config.reporting_periods, config.reporting_grace_days)


def api_connection(
    offering: Offering,
    mode: str,
    *,
    verify_ssl: bool,
    stop: Event | None = None,
    answered: Callable[[], None] = lambda: None,
) -> Connection:
    """A connection to the offering's Waldur, to be closed by the caller."""
    return Connection(
        offering.api_url,
        offering.token.get_secret_value(),
        # The server tells by the first words that the offering is being served.
        user_agent=f"waldur-site-agent-{mode.replace('_', '-')}/{__version__}",
        verify=offering.verify_ssl and verify_ssl,
        stop=stop,
        answered=answered,
    )


@contextmanager
def serving(
    offering: Offering,
    site: Site,
    mode: str,
    *,
    verify_ssl: bool,
    stop: Event,
    learned: set[str] | None = None,
    calendar: Calendar | None = None,
    answered: Callable[[], None] = lambda: None,
) -> Iterator[Served]:
    """Open the connection to the offering's Waldur for as long as it is needed.

    ``learned`` is what was found out about the server, for the passes to come; ``answered`` is called after each
    answer.
    """
    connection = api_connection(offering, mode, verify_ssl=verify_ssl, stop=stop, answered=answered)
    try:
        waldur = Waldur(connection, offering.uuid, learned)
        yield Served(offering, waldur, site, stop, calendar=calendar or Calendar())
    finally:
        connection.close()


def backend_sites(offering: Offering, registry: Registry, timezone: str) -> dict[str, Site]:
    """For each backend of the offering, by its name, a site that only reads.

    Raises:
        SiteError, PluginNotFound, PluginBroken: as for :func:`build_site`.
    """
    sites: dict[str, Site] = {}
    for role, name in offering.backends.items():
        if name not in sites:
            sites[name] = build_site(offering, role, registry, timezone, read_only=True)
    return sites
