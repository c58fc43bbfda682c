"""What is good and what is bad about an offering: its configuration, its Waldur, its backends."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any
from urllib.request import getproxies, proxy_bypass

from waldur_agent_hookspecs import HealthStatus, NotReady

from waldur_agent.config import Config, verify_ssl_from
from waldur_agent.config import Offering as Configured
from waldur_agent.modes.catalogue import POLLING
from waldur_agent.modes.event_process.addresses import broker_address
from waldur_agent.modes.load_components import component_rules
from waldur_agent.modes.served import Served, backend_sites, serving
from waldur_agent.planning import ComponentAction, plan_components
from waldur_agent.registry import PluginBroken, PluginNotFound, Registry
from waldur_agent.site import PluginBug, Site, SiteError
from waldur_agent.transports import unreachable
from waldur_agent.waldur import Offering, OfferingComponent, Order, WaldurError


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    offering: str
    what: str
    good: bool
    detail: str
    remedy: str = ""


@dataclass(slots=True)
class Looked:
    """What Waldur told about one offering on the way, empty where it could not be read; and all findings."""

    findings: list[Finding] = field(default_factory=list)
    me: Mapping[str, Any] = field(default_factory=dict)
    offering: Offering | None = None
    components: Mapping[str, OfferingComponent] = field(default_factory=dict)
    orders: Sequence[Order] = ()


def look(offering: Configured, config: Config, registry: Registry, *, orders: bool = False) -> Looked:
    """Look at everything, however much of it is bad; at open orders only where ``orders`` says so.

    By a list of orders Waldur takes it that an agent serves the offering.
    """
    looked = Looked()
    try:
        sites = backend_sites(offering, registry, config.timezone)
    except (SiteError, PluginNotFound, PluginBroken) as error:
        looked.findings.append(Finding(offering.name, "plugins", good=False, detail=str(error)))
        return looked
    if problems := offering.ready_problems():
        looked.findings += [Finding(offering.name, "configuration", good=False, detail=text) for text in problems]
    else:
        with serve(offering, next(iter(sites.values())), "check") as work:
            looked.findings += _waldur(work, list(sites.values()), looked, orders=orders)
    looked.findings += _modes(offering, sites)
    if offering.event_transport:
        looked.findings.append(_broker(offering))
    looked.findings += _backends(offering, sites)
    return looked


def _modes(offering: Configured, sites: Mapping[str, Site]) -> Iterator[Finding]:
    """What keeps a mode from starting at all."""
    for mode in POLLING:
        if backend := offering.backends.get(mode.role):
            try:
                mode.require(sites[backend])
            except SiteError as error:
                yield Finding(offering.name, mode.name, good=False, detail=str(error), remedy=f"see {mode.role.key}")


def _broker(offering: Configured) -> Finding:
    address, transport = broker_address(offering), offering.event_transport
    if transport == "stomp" and _proxied(address.host, tls=address.tls):
        return Finding(offering.name, "event broker", good=True, detail=f"{address.url}: not asked, behind a proxy")
    reason = unreachable(address)
    remedy = f"see {transport}_ws_host, {transport}_ws_port" if reason else ""
    return Finding(offering.name, "event broker", not reason, f"{address.url}: {reason or 'it answers'}", remedy)


def _proxied(host: str, *, tls: bool) -> bool:
    """Whether the environment names a proxy for that host; MQTT takes none."""
    return bool(getproxies().get("https" if tls else "http")) and not proxy_bypass(host)


def serve(offering: Configured, site: Site, command: str) -> AbstractContextManager[Served]:
    """A connection to the offering's Waldur, as the environment wants it."""
    return serving(offering, site, command, verify_ssl=verify_ssl_from(os.environ), stop=threading.Event())


def _waldur(work: Served, sites: Sequence[Site], looked: Looked, *, orders: bool) -> Iterator[Finding]:
    name = work.offering.name
    try:
        looked.me = work.waldur.me()
        yield Finding(name, "Waldur's token", good=True, detail=f"it is {looked.me.get('username')}")
        looked.offering = found = work.waldur.offering()
        yield Finding(name, "Waldur's offering", good=True, detail=f"{found.name}, {found.state or 'state not told'}")
        looked.components = work.waldur.components.read()
        yield _components(work.offering, sites, looked.components)
        if orders:
            looked.orders = work.waldur.open_orders()
            yield Finding(name, "Waldur's orders", good=True, detail=f"{len(looked.orders)} open")
    except WaldurError as error:
        yield Finding(name, "Waldur", good=False, detail=str(error))


def _components(offering: Configured, sites: Sequence[Site], present: Mapping[str, OfferingComponent]) -> Finding:
    what = "Waldur's components"
    try:
        rules = component_rules(offering, sites)
    except (NotReady, PluginBug) as error:
        return Finding(offering.name, what, good=False, detail=str(error))
    fields = {kind: component.fields for kind, component in present.items()}
    plans = plan_components(offering.components, rules, fields)
    missing = [plan.type for plan in plans if plan.action is ComponentAction.CREATE]
    differing = [plan.type for plan in plans if plan.action is ComponentAction.UPDATE]
    if missing:
        text = f"not there: {', '.join(missing)}"
        return Finding(offering.name, what, good=False, detail=text, remedy="run waldur-agent load-components")
    detail = f"not as configured: {', '.join(differing)}" if differing else "as configured"
    remedy = "see waldur-agent load-components --dry-run" if differing else ""
    return Finding(offering.name, what, good=True, detail=detail, remedy=remedy)


def _backends(offering: Configured, sites: Mapping[str, Site]) -> Iterator[Finding]:
    for name, site in sites.items():
        for health in site.check_health():
            good = health.status is HealthStatus.GOOD
            yield Finding(offering.name, f"{name}: {health.check}", good, health.detail, health.remedy)
