"""Limits that the cluster has otherwise than Waldur: found and told in one way, by whichever mode looked."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from decimal import Decimal

from waldur_agent_hookspecs import AccountState, ComponentRule

from waldur_agent.modes.described import limits_text
from waldur_agent.modes.served import Served
from waldur_agent.planning import to_report
from waldur_agent.waldur import Resource

log = logging.getLogger(__name__)


def untold_limits(
    work: Served, resource: Resource, state: AccountState, rules: Mapping[str, ComponentRule]
) -> dict[str, Decimal]:
    """The account's limits, in Waldur units, of which Waldur does not know yet."""
    if not state.limits_reportable:
        return {}
    return to_report(resource.limits, state.limits, work.offering.components, rules)


def tell_limits(work: Served, resource: Resource, untold: Mapping[str, Decimal]) -> None:
    """Tell Waldur; the components that agree keep what Waldur has."""
    label = f"{resource.backend_id} (resource {resource.uuid})"
    log.info("%s: Waldur is told the limits %s", label, limits_text(untold))
    work.waldur.set_limits(resource.uuid, {**resource.limits, **untold})


def limits_change(resource: Resource, untold: Mapping[str, Decimal]) -> dict[str, str]:
    """The same for a plan."""
    before = " ".join(f"{name}={resource.limits.get(name, 0):f}" for name in sorted(untold))
    after = limits_text(untold)
    return {"kind": "tell_waldur_limits", "before": before, "after": after, "reason": "as on the cluster"}
