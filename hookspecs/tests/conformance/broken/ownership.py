"""Faults in whose account it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from waldur_agent_hookspecs import (
    AccountRef,
    AccountState,
    BackendError,
    LimitChange,
    Member,
    NotReady,
    hookimpl,
)

from .memory import Account, Cluster, MemoryPlugin
from .table import fault


@fault("create_account", "OWN-001", "OWN-020")
class TakesOverWhatHasTheName(MemoryPlugin):
    @hookimpl
    def create_account(self, ref: AccountRef) -> str:
        name = self.own(self.writing(), ref) or self.names(ref)[0]
        self.writing().accounts.setdefault(name, Account(ref.resource_uuid))
        return name


@fault("create_account", "OWN-001", "OWN-020")
class WaitsForEverForATakenName(MemoryPlugin):
    @hookimpl
    def create_account(self, ref: AccountRef) -> str:
        try:
            return super().create_account(ref)
        except BackendError as reason:
            raise NotReady(str(reason)) from reason


@fault("list_accounts", "OWN-002", "OWN-004", "OWN-021", "RED-013")
class ShowsWhatHasTheName(MemoryPlugin):
    def state(self, cluster: Cluster, ref: AccountRef) -> AccountState:
        for name in (self.own(cluster, ref), ref.backend_id, ref.slug.lower()):
            if name in cluster.accounts:
                return AccountState(exists=True, backend_id=name)
        found = next(iter(cluster.accounts), "")
        return (
            AccountState(exists=True, backend_id=found)
            if found and "another" in ref.slug
            else self.absent(cluster, ref)
        )


@fault("list_accounts", "OWN-004", "OWN-021")
class HidesConflicts(MemoryPlugin):
    def absent(self, cluster: Cluster, ref: AccountRef) -> AccountState:
        return AccountState(exists=False)


class _ByName(MemoryPlugin):
    def by_name(self, ref: AccountRef) -> Account:
        """The account that has the id, whosoever it is."""
        accounts = self.writing().accounts
        return accounts.get(ref.backend_id or ref.slug.lower()) or Account()


@fault("delete_account", "OWN-005", "OWN-022")
class RemovesByName(MemoryPlugin):
    @hookimpl
    def delete_account(self, ref: AccountRef) -> bool:
        return self.writing().accounts.pop(ref.backend_id or ref.slug.lower(), None) is not None


@fault("set_limits", "OWN-006")
class LimitsByName(_ByName):
    @hookimpl
    def set_limits(self, ref: AccountRef, change: LimitChange) -> bool:
        self.by_name(ref).limits.update(change.wanted)
        return True


@fault("add_member", "OWN-007")
class AddsByName(_ByName):
    @hookimpl
    def add_member(self, ref: AccountRef, member: Member) -> bool:
        self.by_name(ref).members[member.username] = {}
        return True


@fault("remove_member", "OWN-008")
class RemovesMembersByName(_ByName):
    @hookimpl
    def remove_member(self, ref: AccountRef, member: Member) -> bool:
        return self.by_name(ref).members.pop(member.username, None) is not None


@fault("list_accounts", "OWN-023")
class AConflictStopsAll(MemoryPlugin):
    @hookimpl
    def list_accounts(self, refs: Sequence[AccountRef]) -> Mapping[str, AccountState]:
        states = super().list_accounts(refs)
        for state in states.values():
            if state.conflict:
                raise NotReady(f"something is in the way: {state.conflict}")
        return states


@fault("list_accounts", "RED-013")
class ShowsTheFirst(MemoryPlugin):
    def own(self, cluster: Cluster, ref: AccountRef) -> str:
        return super().own(cluster, ref) or next(iter(cluster.accounts), "")


@fault("list_accounts", "RED-003")
class TrustsWaldur(MemoryPlugin):
    def state(self, cluster: Cluster, ref: AccountRef) -> AccountState:
        state = super().state(cluster, ref)
        return AccountState(exists=True, backend_id=ref.backend_id) if ref.backend_id and not state.exists else state
