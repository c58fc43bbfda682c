"""Limits, which ``report`` tells as ``membership_sync`` does, for offerings that do not run both."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from waldur_agent_hookspecs import ComponentRule, NotReady

from waldur_agent.modes.limits import tell_limits, untold_limits
from waldur_agent.modes.refs import account_ref
from waldur_agent.modes.served import Served
from waldur_agent.site import PluginBug
from waldur_agent.waldur import Resource, gather

Untold = list[tuple[Resource, Mapping[str, Decimal]]]


def read_untold(
    work: Served, resources: Sequence[Resource], rules: Mapping[str, ComponentRule], trouble: Callable[[str], None]
) -> Untold:
    """The resources whose accounts have other limits than Waldur knows, with those limits in Waldur units."""
    if not work.site.can("list_accounts"):
        return []
    try:
        states = work.site.list_accounts([account_ref(resource) for resource in resources])
    except (NotReady, PluginBug) as error:
        trouble(f"{work.offering.name}: limits are not reported now: {error}")
        return []
    found = [(it, untold_limits(work, it, states[it.uuid], rules)) for it in resources if states[it.uuid].exists]
    return [(resource, untold) for resource, untold in found if untold]


def tell_untold(work: Served, found: Untold) -> None:
    """Tell Waldur."""
    by_uuid = {resource.uuid: (resource, untold) for resource, untold in found}
    gather(lambda uuid: tell_limits(work, *by_uuid[uuid]), by_uuid)
