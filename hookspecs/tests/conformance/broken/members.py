"""Faults in who may use an account."""

from __future__ import annotations

import fnmatch
from dataclasses import replace
from decimal import Decimal

from waldur_agent_hookspecs import AccountRef, AccountState, BackendError, Member, hookimpl

from .memory import Cluster, MemoryPlugin
from .table import fault


@fault("add_member", "MEM-001", "MEM-003", "MEM-043", "MEM-028")
class AddsNobody(MemoryPlugin):
    @hookimpl
    def add_member(self, ref: AccountRef, member: Member) -> bool:
        self.account(self.writing(), ref)
        return True


@fault("add_member", "MEM-001", "MEM-002")
class AddingAnswersNothing(MemoryPlugin):
    @hookimpl
    def add_member(self, ref: AccountRef, member: Member) -> bool:
        super().add_member(ref, member)
        return None  # type: ignore[return-value]


@fault("add_member", "MEM-002", "MEM-004")
class AlwaysSaysThatItAdded(MemoryPlugin):
    @hookimpl
    def add_member(self, ref: AccountRef, member: Member) -> bool:
        super().add_member(ref, member)
        return True


@fault("add_member", "MEM-002")
class FailsOnWhoIsIn(MemoryPlugin):
    @hookimpl
    def add_member(self, ref: AccountRef, member: Member) -> bool:
        if not super().add_member(ref, member):
            raise BackendError(f"{member.username} is in the account already")
        return True


@fault("add_member", "MEM-003")
class NewReplacesOld(MemoryPlugin):
    @hookimpl
    def add_member(self, ref: AccountRef, member: Member) -> bool:
        members = self.account(self.writing(), ref).members
        new = member.username not in members
        members.clear()
        members[member.username] = {}
        return new


@fault("add_member", "MEM-004")
class OneAccountForAPerson(MemoryPlugin):
    @hookimpl
    def add_member(self, ref: AccountRef, member: Member) -> bool:
        mine = self.account(self.writing(), ref)
        for account in self.reading().accounts.values():
            if account is not mine:
                account.members.pop(member.username, None)
        return super().add_member(ref, member)


@fault("add_member", "MEM-005")
class AddsToWhatIsNotThere(MemoryPlugin):
    @hookimpl
    def add_member(self, ref: AccountRef, member: Member) -> bool:
        self.create_account(ref)
        return super().add_member(ref, member)


@fault("add_member", "MEM-006")
class AddingLimits(MemoryPlugin):
    @hookimpl
    def add_member(self, ref: AccountRef, member: Member) -> bool:
        self.account(self.writing(), ref).limits["cpu"] = Decimal(0)
        return super().add_member(ref, member)


@fault("add_member", "MEM-007")
class HasRoomForAHundred(MemoryPlugin):
    def state(self, cluster: Cluster, ref: AccountRef) -> AccountState:
        state = super().state(cluster, ref)
        return replace(state, members=dict(list(state.members.items())[:100]))


@fault("remove_member", "MEM-020", "MEM-021", "MEM-026", "MEM-027", "MEM-029", "MEM-040")
class RemovesNobody(MemoryPlugin):
    @hookimpl
    def remove_member(self, ref: AccountRef, member: Member) -> bool:
        return member.username in self.account(self.writing(), ref).members


@fault("remove_member", "MEM-021", "MEM-022")
class FailsOnWhoIsOut(MemoryPlugin):
    @hookimpl
    def remove_member(self, ref: AccountRef, member: Member) -> bool:
        if not super().remove_member(ref, member):
            raise BackendError(f"{member.username} is not in the account")
        return True


@fault("remove_member", "MEM-022", "MEM-023", "MEM-030")
class RemovesAll(MemoryPlugin):
    @hookimpl
    def remove_member(self, ref: AccountRef, member: Member) -> bool:
        cluster = self.writing()
        if name := self.own(cluster, ref):
            cluster.accounts[name].members.clear()
        return True


@fault("remove_member", "MEM-024", "MEM-025")
class RemovesThePerson(MemoryPlugin):
    @hookimpl
    def remove_member(self, ref: AccountRef, member: Member) -> bool:
        removed = super().remove_member(ref, member)
        for account in self.reading().accounts.values():
            account.members.pop(member.username, None)
        return removed


@fault("remove_member", "MEM-026")
class RemovesByTheBeginning(MemoryPlugin):
    @hookimpl
    def remove_member(self, ref: AccountRef, member: Member) -> bool:
        members = self.account(self.writing(), ref).members
        gone = [name for name in members if name.startswith(member.username)]
        for name in gone:
            del members[name]
        return bool(gone)


@fault("remove_member", "MEM-027")
class RemovesByPattern(MemoryPlugin):
    @hookimpl
    def remove_member(self, ref: AccountRef, member: Member) -> bool:
        members = self.account(self.writing(), ref).members
        gone = fnmatch.filter(members, member.username.replace("_", "?"))
        for name in gone:
            del members[name]
        return bool(gone)


@fault("add_member", "MEM-028")
class NeverForgives(MemoryPlugin):
    @hookimpl
    def remove_member(self, ref: AccountRef, member: Member) -> bool:
        self.gone = {*getattr(self, "gone", ()), member.username}
        return super().remove_member(ref, member)

    @hookimpl
    def add_member(self, ref: AccountRef, member: Member) -> bool:
        return member.username not in getattr(self, "gone", ()) and super().add_member(ref, member)


@fault("remove_member", "MEM-029")
class TheLastOneTakesTheAccountAlong(MemoryPlugin):
    @hookimpl
    def remove_member(self, ref: AccountRef, member: Member) -> bool:
        removed = super().remove_member(ref, member)
        if not self.account(self.reading(), ref).members:
            self.delete_account(ref)
        return removed


@fault("add_member", "MEM-040", "MEM-044")
class TurnsDotsIntoUnderscores(MemoryPlugin):
    @hookimpl
    def add_member(self, ref: AccountRef, member: Member) -> bool:
        return super().add_member(ref, replace(member, username=member.username.replace(".", "_")))


@fault("add_member", "MEM-041")
class AddsBothSpellings(MemoryPlugin):
    @hookimpl
    def add_member(self, ref: AccountRef, member: Member) -> bool:
        members = self.account(self.writing(), ref).members
        new = member.username not in members
        members[member.username.lower()] = {}
        return new


@fault("add_member", "MEM-042")
class StumblesOverFullNames(MemoryPlugin):
    @hookimpl
    def add_member(self, ref: AccountRef, member: Member) -> bool:
        member.full_name.encode("ascii")
        return super().add_member(ref, member)


@fault("add_member", "MEM-043")
class NeedsAFullName(MemoryPlugin):
    @hookimpl
    def add_member(self, ref: AccountRef, member: Member) -> bool:
        if not member.full_name:
            raise BackendError(f"{member.username} has no full name")
        return super().add_member(ref, member)
