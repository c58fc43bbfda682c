"""``load-components``: the offering's components in Waldur become those of the configuration.

No mode of its own: an admin runs it when ``backend_components`` has changed. What is so already is left alone, so it
can be repeated; what the configuration does not say is never overwritten, and nothing is ever removed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from waldur_agent_hookspecs import ComponentRule

from waldur_agent.config import Offering
from waldur_agent.modes.served import Served
from waldur_agent.planning import ComponentAction, ComponentPlan, plan_components
from waldur_agent.site import Site
from waldur_agent.waldur import Action, OfferingComponent, WaldurError, settle


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of one component's plan. ``error`` is empty where it holds now, or where nothing was tried."""

    plan: ComponentPlan
    error: str = ""


def component_rules(offering: Offering, sites: Sequence[Site]) -> dict[str, ComponentRule]:
    """How the offering's backends serve its components; where several serve one, the first one's word holds.

    Raises:
        NotReady, PluginBug: a backend could not say.
    """
    rules: dict[str, ComponentRule] = {}
    for site in sites:
        rules = {**site.describe_components(offering.components), **rules}
    return rules


def plan(work: Served, rules: Mapping[str, ComponentRule]) -> list[ComponentPlan]:
    """What ``load`` would do.

    Raises:
        WaldurError: the components could not be read.
    """
    return _plans(work, rules, work.waldur.components.read())


def load(work: Served, rules: Mapping[str, ComponentRule]) -> list[Loaded]:
    """Create and update components, one after the other in their order; one that fails does not stop the rest.

    Afterwards they are read again: a server may take a request and keep its old value all the same.

    Raises:
        WaldurError: the components could not be read, or the token is wrong; nothing is known to have been changed.
    """
    present = work.waldur.components.read()
    loaded = [Loaded(item, _carry_out(work, item, present, rules)) for item in _plans(work, rules, present)]
    if all(item.plan.action is ComponentAction.KEEP for item in loaded):
        return loaded
    try:
        left = {item.type: item for item in plan(work, rules)}
    except WaldurError as error:
        return [replace(item, error=item.error or f"not known whether it was done: {error}") for item in loaded]
    return [item if item.error else replace(item, error=_not_taken(left[item.plan.type])) for item in loaded]


def _plans(
    work: Served, rules: Mapping[str, ComponentRule], present: Mapping[str, OfferingComponent]
) -> list[ComponentPlan]:
    fields = {kind: component.fields for kind, component in present.items()}
    return plan_components(work.offering.components, rules, fields)


def _carry_out(
    work: Served,
    item: ComponentPlan,
    present: Mapping[str, OfferingComponent],
    rules: Mapping[str, ComponentRule],
) -> str:
    """Why it failed, or nothing."""
    if item.action is ComponentAction.KEEP:
        return ""
    components = work.waldur.components

    def post() -> None:
        if item.action is ComponentAction.CREATE:
            components.create(item.wanted)
        else:
            components.update(present[item.type].uuid, item.wanted)

    def in_effect() -> bool:
        now = {one.type: one for one in plan(work, rules)}
        return now[item.type].action is ComponentAction.KEEP

    action = Action(f"component {item.type}", post, in_effect)
    failure: WaldurError | None = settle([action])[action]
    return str(failure) if failure else ""


def _not_taken(item: ComponentPlan) -> str:
    if item.action is ComponentAction.KEEP:
        return ""
    kept = ", ".join(f"{key} {value!r}" for key, value in item.before.items()) or "no such component"
    return f"Waldur took the request, but still has {kept}; change it in Waldur by hand"
