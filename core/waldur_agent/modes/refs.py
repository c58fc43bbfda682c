"""From a Waldur resource to what plugins call an account."""

from __future__ import annotations

from waldur_agent_hookspecs import AccountRef, Party

from waldur_agent.waldur import Resource, Scope


def account_ref(resource: Resource) -> AccountRef:
    """The account of a resource that has one already, so that no name has to be made."""
    return AccountRef(
        resource.uuid,
        resource.backend_id,
        resource.slug,
        resource.name,
        _party(resource.project),
        _party(resource.customer),
    )


def _party(scope: Scope) -> Party:
    return Party(scope.uuid, scope.slug, scope.name)
