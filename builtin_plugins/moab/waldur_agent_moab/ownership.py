"""Which account is a resource's own.

An account that Waldur carries as ``backend_id`` is. Without one, an account of the computed name is, if its
description carries the resource's tag: the agent made it and was stopped before Waldur heard of it. Any other account
of that name is a conflict: never adopted, never changed, never deleted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from waldur_agent_hookspecs import NamePolicy

from .names import ACCOUNT_NAME, AccountNames, BadNameError, NoSlugError, account_names

if TYPE_CHECKING:
    from waldur_agent_hookspecs import AccountRef

    from .listing import Account, Listing
    from .settings import MoabSettings


@dataclass(frozen=True, slots=True)
class Standing:
    """What a resource's account is, or would be.

    Attributes:
        name: The account's name; empty where none can be made or chosen.
        account: It, where it is there and the resource's own.
        names: The computed names; None where a slug is missing or bad.
        conflict: Why the name cannot be the resource's; empty where it can.
        waiting: Why no name can be made yet; empty where one can.
    """

    ref: AccountRef
    name: str = ""
    account: Account | None = None
    names: AccountNames | None = None
    conflict: str = ""
    waiting: str = ""


@dataclass(slots=True)
class Claims:
    """Who in Waldur wants which name (in lower case): prefixes may be equal, and slugs are not unique."""

    settings: MoabSettings
    holders: dict[str, set[str]] = field(default_factory=dict)
    names: dict[str, AccountNames] = field(default_factory=dict)
    problems: dict[str, NoSlugError | BadNameError] = field(default_factory=dict)

    @classmethod
    def of(cls, refs: Iterable[AccountRef], settings: MoabSettings) -> Claims:
        """Collect the names that a batch wants. What has no names yet wants none."""
        claims = cls(settings)
        for ref in refs:
            claims._add(ref)
        return claims

    def _add(self, ref: AccountRef) -> None:
        if ref.backend_id:
            self._claim(ref.backend_id, ref.resource_uuid)
        try:
            names = account_names(ref, self.settings)
        except (NoSlugError, BadNameError) as error:
            self.problems[ref.resource_uuid] = error
            return
        self.names[ref.resource_uuid] = names
        self._claim(names.project, ref.project.uuid)
        if not ref.backend_id and ref.name_policy is NamePolicy.RESOURCE_SLUG:
            self._claim(names.allocations[0], ref.resource_uuid)

    def _claim(self, name: str, holder: str) -> None:
        self.holders.setdefault(name.lower(), set()).add(holder)

    def objection(self, name: str, holder: str) -> str:
        """Say why a name cannot be this holder's; empty where nothing speaks against it."""
        if not ACCOUNT_NAME.fullmatch(name):
            return f"the account name {name!r} has characters that the agent does not pass to MAM"
        if others := sorted(self.holders.get(name.lower(), set()) - {holder}):
            return (
                f"the account name {name} is wanted for {holder} and for {others[0]} in Waldur; give one of them "
                "another slug, or set different prefixes for projects and allocations"
            )
        return ""


@dataclass(slots=True)
class Ownership:
    """One batch against one listing of MAM's accounts.

    Attributes:
        made: Names of accounts that the batch made itself, complete with their funds.
    """

    listing: Listing
    claims: Claims
    made: set[str] = field(default_factory=set)

    def standings(self, refs: Iterable[AccountRef]) -> dict[str, Standing]:
        """Find each resource's account, by ``resource_uuid``. Names are given out once only."""
        found: dict[str, Standing] = {}
        taken: set[str] = set()
        for ref in refs:
            standing = found.get(ref.resource_uuid) or self._standing(ref, taken)
            found[ref.resource_uuid] = standing
            taken.add(standing.name.lower())
        return found

    def _standing(self, ref: AccountRef, taken: Collection[str]) -> Standing:
        names = self.claims.names.get(ref.resource_uuid)
        if ref.backend_id:
            return self._carried(Standing(ref, ref.backend_id, names=names))
        if names is None:
            problem = self.claims.problems[ref.resource_uuid]
            waits = isinstance(problem, NoSlugError)
            return Standing(ref, waiting=str(problem)) if waits else Standing(ref, conflict=str(problem))
        for name in names.allocations:
            if (account := self.listing.find(name)) and account.owner == ref.resource_uuid:
                return Standing(ref, account.name, account, names)
        return self._to_be_made(ref, names, taken)

    def _carried(self, standing: Standing) -> Standing:
        objection = self.claims.objection(standing.name, standing.ref.resource_uuid)
        account = self.listing.find(standing.name)
        if objection or account is None:
            return replace(standing, conflict=objection)
        return replace(standing, name=account.name, account=account)

    def _to_be_made(self, ref: AccountRef, names: AccountNames, taken: Collection[str]) -> Standing:
        for name in names.allocations:
            if name not in taken and not self._in_the_way(name, ref):
                return Standing(ref, name, names=names)
        if len(names.allocations) == 1:
            (name,) = names.allocations
            conflict = self._in_the_way(name, ref) or f"the account name {name} is wanted twice"
            return Standing(ref, name, names=names, conflict=conflict)
        tried = f"{names.allocations[0]} to {names.allocations[-1]}"
        return Standing(ref, names=names, conflict=f"all names from {tried} are taken by other accounts")

    def _in_the_way(self, name: str, ref: AccountRef) -> str:
        if objection := self.claims.objection(name, ref.resource_uuid):
            return objection
        account = self.listing.find(name)
        if account and account.owner:
            return f"the account {account.name} exists already and is tagged as made for {account.owner}"
        if account or self.listing.mentions(name):
            return f"the account {name} exists already and carries no tag of this resource; rename or remove it"
        return ""

    def objection_to_project(self, standing: Standing) -> str:
        """Say why the project's account cannot be the organization; empty where it can.

        One without any tag is used as it is: sites had them before.
        """
        ref, names = standing.ref, standing.names
        if names is None:
            return standing.waiting or standing.conflict or "no account can be named after its project"
        if objection := self.claims.objection(names.project, ref.project.uuid):
            return objection
        account = self.listing.find(names.project)
        if account and account.owner not in {"", ref.project.uuid}:
            return f"the account {account.name} is tagged as made for {account.owner}, not for this project"
        return ""

    def leftover(self, standing: Standing) -> Account | None:
        """The project's account, where the agent made it and nothing belongs to it any more."""
        if standing.names is None or self.claims.objection(standing.names.project, standing.ref.project.uuid):
            return None
        account = self.listing.find(standing.names.project)
        if account is None or account.owner != standing.ref.project.uuid or not self.listing.is_last(account.name):
            return None
        return account
