"""Which names the accounts of one batch lay claim to, and where two of them want the same.

Prefixes may be equal and slugs are not unique in Waldur: the project ``ocean`` and the resource ``ocean`` of a site
with one prefix for all levels would share an account. Such a name is a conflict for all who want it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from waldur_agent_hookspecs import NamePolicy

from .names import ACCOUNT_NAME, AccountNames, BadNameError, NoSlugError, account_names
from .snapshot import ROOT

if TYPE_CHECKING:
    from waldur_agent_hookspecs import AccountRef

    from .settings import SlurmSettings


@dataclass(frozen=True, slots=True)
class Holder:
    """Someone in Waldur for whom an account is made: ``level`` is resource, project or customer."""

    level: str
    uuid: str
    name: str = field(compare=False)

    def __str__(self) -> str:
        return f"the {self.level} {self.name!r} ({self.uuid})"


@dataclass(slots=True)
class Claims:
    """Account name to everyone in the batch who wants it; made by :func:`claims_of`."""

    settings: SlurmSettings
    holders: dict[str, set[Holder]] = field(default_factory=dict)
    names: dict[str, AccountNames] = field(default_factory=dict)
    problems: dict[str, NoSlugError | BadNameError] = field(default_factory=dict)

    def add(self, name: str, holder: Holder) -> None:
        """Note that someone wants a name."""
        self.holders.setdefault(name, set()).add(holder)

    def objection(self, name: str, holder: Holder) -> str:
        """Say why a name cannot be this holder's; empty where nothing speaks against it."""
        if not ACCOUNT_NAME.fullmatch(name):
            return f"the account name {name!r} has characters that the agent does not pass to SLURM"
        if name in {ROOT, self.settings.default_account}:
            return f"the account {name} is the site's own"
        others = sorted(str(other) for other in self.holders.get(name, ()) if other != holder)
        if others:
            return (
                f"the account name {name} is wanted for {holder} and for {others[0]}; give one of them another slug, "
                "or set different prefixes for customers, projects and allocations"
            )
        return ""

    def is_free(self, name: str, holder: Holder) -> bool:
        """Whether nothing speaks against a name."""
        return not self.objection(name, holder)


def resource_of(ref: AccountRef) -> Holder:
    """The resource as the holder of its allocation account."""
    return Holder("resource", ref.resource_uuid, ref.name)


def project_of(ref: AccountRef) -> Holder:
    """The project as the holder of the account above the allocation."""
    return Holder("project", ref.project.uuid, ref.project.name)


def customer_of(ref: AccountRef) -> Holder:
    """The customer as the holder of the account above the project's."""
    return Holder("customer", ref.customer.uuid, ref.customer.name)


def claims_of(refs: Iterable[AccountRef], settings: SlurmSettings) -> Claims:
    """Collect the names that a batch wants. What has no names yet wants none."""
    claims = Claims(settings)
    for ref in refs:
        if ref.backend_id:
            claims.add(ref.backend_id.lower(), resource_of(ref))
        try:
            names = account_names(ref, settings)
        except (NoSlugError, BadNameError) as error:
            claims.problems[ref.resource_uuid] = error
            continue
        claims.names[ref.resource_uuid] = names
        claims.add(names.customer, customer_of(ref))
        claims.add(names.project, project_of(ref))
        if not ref.backend_id and ref.name_policy is NamePolicy.RESOURCE_SLUG:
            claims.add(names.allocations[0], resource_of(ref))
    return claims
