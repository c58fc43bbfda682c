"""From a Waldur resource to what plugins call an account."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace

from waldur_agent_hookspecs import AccountRef, AccountState, Party

from waldur_agent.modes.served import Served
from waldur_agent.waldur import Resource, Scope, WaldurError, gather

log = logging.getLogger(__name__)


def account_ref(resource: Resource) -> AccountRef:
    """The account of a resource that has one already, so that no name has to be made."""
    return AccountRef(
        resource.uuid,
        resource.backend_id,
        resource.slug,
        resource.name,
        party(resource.project),
        party(resource.customer),
    )


def party(first: Scope | Party, second: Scope | None = None) -> Party:
    """A project or a customer; what the first does not tell is taken from the second."""
    other = second or first
    return Party(first.uuid or other.uuid, first.slug or other.slug, first.name or other.name)


def refs_with_slugs(work: Served, refs: Sequence[AccountRef], states: Mapping[str, AccountState]) -> list[AccountRef]:
    """The same accounts; those to be made again bear the slugs that name the accounts above them.

    Older servers tell the slugs of project and customer in orders only; one order a project is asked for.
    """
    short = {ref.project.uuid for ref in refs if not states[ref.resource_uuid].exists and _lacks_slugs(ref)}
    told: dict[str, tuple[Scope, Scope]] = {}
    for uuid, scopes in gather(work.waldur.scopes, sorted(short - {""})).items():
        if isinstance(scopes, WaldurError):
            log.warning("%s: the slugs of project %s could not be read: %s", work.offering.name, uuid, scopes)
        elif scopes is not None:
            told[uuid] = scopes
    return [_completed(ref, *told[ref.project.uuid]) if ref.project.uuid in told else ref for ref in refs]


def _lacks_slugs(ref: AccountRef) -> bool:
    return not (ref.project.slug and ref.customer.slug)


def _completed(ref: AccountRef, project: Scope, customer: Scope) -> AccountRef:
    return replace(ref, project=party(ref.project, project), customer=party(ref.customer, customer))
