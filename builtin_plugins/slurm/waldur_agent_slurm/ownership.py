"""Which account is a resource's own.

An account that Waldur carries as ``backend_id`` is. Without one, an account of the computed name is, if its
description carries the resource's tag: the agent made it and was stopped before Waldur heard of it. Any other account
of that name is a conflict: never adopted, never changed, never deleted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from waldur_agent_hookspecs import NamePolicy

from .claims import Claims, customer_of, project_of, resource_of
from .names import ACCOUNT_NAME, AccountNames, NoSlugError

if TYPE_CHECKING:
    from waldur_agent_hookspecs import AccountRef

    from .claims import Holder
    from .snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Standing:
    """What a resource's account is, or would be.

    Attributes:
        name: The account's name; empty where none can be made or chosen.
        exists: Whether it is there and the resource's own.
        names: The computed names; None where a slug is missing or bad.
        conflict: Why the name cannot be the resource's; empty where it can.
        waiting: Why no name can be made yet; empty where one can.
    """

    ref: AccountRef
    name: str = ""
    exists: bool = False
    names: AccountNames | None = None
    conflict: str = ""
    waiting: str = ""


@dataclass(frozen=True, slots=True)
class Ownership:
    """One batch against one reading of the cluster.

    Attributes:
        owners: Account name to the UUID in its description, empty without a tag. It holds the accounts that were
            asked for and are known to slurmdbd.
    """

    snapshot: Snapshot
    claims: Claims
    owners: Mapping[str, str]

    def standings(self, refs: Iterable[AccountRef]) -> dict[str, Standing]:
        """Find each resource's account, by ``resource_uuid``. Names are given out once only."""
        found: dict[str, Standing] = {}
        taken: set[str] = set()
        for ref in refs:
            standing = found.get(ref.resource_uuid) or self._standing(ref, taken)
            found[ref.resource_uuid] = standing
            if standing.name:
                taken.add(standing.name)
        return found

    def _standing(self, ref: AccountRef, taken: Collection[str]) -> Standing:
        names = self.claims.names.get(ref.resource_uuid)
        if ref.backend_id:
            return self._by_backend_id(ref, names)
        if names is None:
            problem = self.claims.problems[ref.resource_uuid]
            if isinstance(problem, NoSlugError):
                return Standing(ref, waiting=str(problem))
            return Standing(ref, conflict=str(problem))
        for name in names.allocations:
            if name in self.snapshot.accounts and self.owners.get(name) == ref.resource_uuid:
                return Standing(ref, name, exists=True, names=names)
        return self._to_be_made(ref, names, taken)

    def _by_backend_id(self, ref: AccountRef, names: AccountNames | None) -> Standing:
        name = ref.backend_id.lower()
        if objection := self.claims.objection(name, resource_of(ref)):
            return Standing(ref, name, names=names, conflict=objection)
        return Standing(ref, name, exists=name in self.snapshot.accounts, names=names)

    def _to_be_made(self, ref: AccountRef, names: AccountNames, taken: Collection[str]) -> Standing:
        if ref.name_policy is NamePolicy.RESOURCE_SLUG:
            name = names.allocations[0]
            return Standing(ref, name, names=names, conflict=self._in_the_way(name, resource_of(ref)))
        for name in names.allocations:
            if name not in taken and not self._in_the_way(name, resource_of(ref)):
                return Standing(ref, name, names=names)
        tried = f"{names.allocations[0]} to {names.allocations[-1]}"
        return Standing(ref, names=names, conflict=f"all names from {tried} are taken by other accounts")

    def _in_the_way(self, name: str, holder: Holder) -> str:
        if objection := self.claims.objection(name, holder):
            return objection
        owner = self.owners.get(name)
        if owner == holder.uuid:
            return ""
        if owner:
            return f"the account {name} exists already and is tagged as made for {owner}, not for {holder}"
        if name in self.snapshot.accounts or owner is not None:
            return f"the account {name} exists already and carries no tag of {holder}; rename or remove it by hand"
        return ""

    def objection_to_make(self, standing: Standing, names: AccountNames) -> str:
        """Say why an account that is not there cannot be made; empty where it can."""
        in_the_way = self._in_the_way(standing.name, resource_of(standing.ref))
        return in_the_way or self._objection_above(standing.ref, names)

    def _objection_above(self, ref: AccountRef, names: AccountNames) -> str:
        """Say why the project's or the customer's account cannot be used as parents; empty where they can.

        One without any tag is used as it is: sites had them before.
        """
        for name, holder in ((names.project, project_of(ref)), (names.customer, customer_of(ref))):
            if objection := self.claims.objection(name, holder):
                return objection
            owner = self.owners.get(name, "")
            if owner not in {"", holder.uuid}:
                return f"the account {name} is tagged as made for {owner}, not for {holder}"
        return ""

    def residue(self, standing: Standing) -> str:
        """The project account that was made for this one, where only it is left, with nothing below; else empty."""
        names, ref = standing.names, standing.ref
        if names is None or standing.exists or standing.conflict:
            return ""
        if self.claims.objection(names.project, project_of(ref)) or not self.snapshot.is_empty(names.project):
            return ""
        return names.project if self.owners.get(names.project) == ref.project.uuid else ""


def names_in_doubt(refs: Iterable[AccountRef], claims: Claims, snapshot: Snapshot) -> set[str]:
    """Accounts of which only their descriptions tell whose they are; none where Waldur carries the ids of all."""
    doubtful: set[str] = set()
    for ref in refs:
        if ref.backend_id.lower() in snapshot.accounts:
            continue
        names = claims.names.get(ref.resource_uuid)
        if names is None:
            continue
        if not ref.backend_id:
            doubtful.update(name for name in names.allocations if name in snapshot.accounts)
        if snapshot.is_empty(names.project):
            doubtful.add(names.project)
    return doubtful


def names_to_make(refs: Iterable[AccountRef], claims: Claims, snapshot: Snapshot) -> set[str]:
    """Accounts that creating these resources' accounts may touch. slurmdbd may know them from another cluster."""
    wanted: set[str] = set()
    for ref in refs:
        names = claims.names.get(ref.resource_uuid)
        if names is None or ref.backend_id.lower() in snapshot.accounts:
            continue
        wanted.update((names.customer, names.project, *names.allocations))
        if ACCOUNT_NAME.fullmatch(ref.backend_id.lower()):
            wanted.add(ref.backend_id.lower())
    return wanted


def names_to_delete(refs: Iterable[AccountRef], claims: Claims, snapshot: Snapshot) -> set[str]:
    """Accounts that deleting these resources' accounts may take away."""
    wanted: set[str] = set()
    for ref in refs:
        wanted.add(ref.backend_id.lower())
        if names := claims.names.get(ref.resource_uuid):
            wanted.add(names.project)
    return {name for name in wanted.intersection(snapshot.accounts) if ACCOUNT_NAME.fullmatch(name)}
