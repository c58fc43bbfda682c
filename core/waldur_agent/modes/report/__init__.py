"""``report``: what accounts used, month by month, and the limits that they have, as Waldur should know them.

Each open month is read by one hook call, converted and rounded once, compared with what Waldur has, and only the
difference is written. See ``docs/usage.md``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence

from waldur_agent_hookspecs import ComponentRule, NotReady, Preview

from waldur_agent.modes.described import Described, Item, described
from waldur_agent.modes.progress import Progress, silent
from waldur_agent.modes.report.dating import Dating, NotNow
from waldur_agent.modes.report.description import planned, planned_limits
from waldur_agent.modes.report.limits import read_untold, tell_untold
from waldur_agent.modes.report.month import Pass
from waldur_agent.modes.served import Served
from waldur_agent.modes.summary import Summary
from waldur_agent.planning import Release
from waldur_agent.site import PluginBug, Site
from waldur_agent.waldur import LARGE_PAGE, WaldurError

__all__ = ["describe", "require", "run"]

log = logging.getLogger(__name__)

BILLED = ("usage", "limit")
"""Billing types of which Waldur takes usage; a report that names another is refused as a whole."""


def require(site: Site) -> None:
    """Refuse a backend that cannot tell usage.

    Raises:
        SiteError: naming what is missing.
    """
    site.require(("collect_usage",), "report")


def run(work: Served, progress: Progress = silent, release: Release | None = None) -> Summary:
    """Bring Waldur's figures of one offering up to date. Nothing is removed, so there is nothing to release.

    Raises:
        WaldurError, NotReady, PluginBug: what all months need could not be read.
    """
    del release
    summary = Summary()
    reporting = _start(work, summary.trouble, progress)
    if not reporting.resources:
        return summary
    for month in work.calendar.open_months():
        if work.stop.is_set():
            summary.trouble(f"{work.offering.name}: stopped before {month} was reported; the next start goes on")
            return summary
        reporting.report(month)
    summary.done += reporting.done
    tell_untold(work, read_untold(work, reporting.resources, reporting.rules, summary.trouble))
    return summary


def describe(work: Served, release: Release | None = None) -> Described:
    """What ``run`` would do now, as plain data.

    Raises:
        WaldurError, NotReady, PluginBug: as for :func:`run`.
    """
    del release
    troubles: list[str] = []
    reporting = _start(work, troubles.append)
    items: list[Item] = []
    if reporting.resources:
        for month in work.calendar.open_months():
            try:
                reporting.dating.moment(month)
                found = reporting.compare(month, reporting.collect(month))
            except NotNow as reason:
                log.info("%s, %s: not reported now: %s", work.offering.name, month, reason)
                continue
            except (WaldurError, NotReady, PluginBug) as error:
                troubles.append(f"{work.offering.name}, {month}: {error}")
                continue
            troubles += found.troubles
            items += [item for item in map(planned, found.parts) if item]
        untold = read_untold(work, reporting.resources, reporting.rules, troubles.append)
        items += [planned_limits(resource, limits) for resource, limits in untold]
    return described(items, Preview(), troubles)


def _start(work: Served, trouble: Callable[[str], None], progress: Progress = silent) -> Pass:
    resources = work.waldur.live_resources(page_size=LARGE_PAGE)
    rules = work.site.describe_components(work.offering.components) if resources else {}
    components = _reported_components(work, rules) if resources else ()
    return Pass(work, resources, rules, components, Dating(work), trouble, progress)


def _reported_components(work: Served, rules: Mapping[str, ComponentRule]) -> Sequence[str]:
    """Components that the backend serves and Waldur bills; the others are named once."""
    billing = work.waldur.offering().billing
    served = [name for name in work.offering.components if name in rules]
    if billing is None:  # the server does not tell; a report with a wrong one it refuses
        return served
    for name in served:
        if billing.get(name) not in BILLED and work.waldur.learned.add(f"component {name}"):
            state = f"bills it as {billing[name]}" if name in billing else "does not have it"
            log.warning("%s: component %s is left out: Waldur's offering %s", work.offering.name, name, state)
    return [name for name in served if billing.get(name) in BILLED]
