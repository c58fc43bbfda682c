"""Faults in limits, of accounts and of members."""

from __future__ import annotations

from decimal import Decimal

from waldur_agent_hookspecs import AccountRef, BackendError, LimitChange, Limits, Member, NotReady, hookimpl

from .memory import Account, MemoryPlugin
from .table import fault


class _Limits(MemoryPlugin):
    """Sets what :meth:`wanted` makes of a change."""

    def wanted(self, account: Account, change: LimitChange) -> Limits:
        """What is written."""
        return change.wanted

    @hookimpl
    def set_limits(self, ref: AccountRef, change: LimitChange) -> bool:
        account = self.account(self.writing(), ref)
        before = dict(account.limits)
        account.limits = {**account.limits, **self.wanted(account, change)}
        return account.limits != before


@fault("set_limits", "LIM-001", "LIM-003", "CMP-006", "CMP-007")
class SetsNothing(MemoryPlugin):
    @hookimpl
    def set_limits(self, ref: AccountRef, change: LimitChange) -> bool:
        self.account(self.writing(), ref)
        return True


@fault("set_limits", "LIM-002", "LIM-014", "LIM-018")
class AlwaysSaysThatItChanged(MemoryPlugin):
    @hookimpl
    def set_limits(self, ref: AccountRef, change: LimitChange) -> bool:
        super().set_limits(ref, change)
        return True


@fault("set_limits", "LIM-001")
class AnswersANumber(MemoryPlugin):
    @hookimpl
    def set_limits(self, ref: AccountRef, change: LimitChange) -> bool:
        return int(super().set_limits(ref, change))  # type: ignore[return-value]


@fault("set_limits", "LIM-002", "LIM-003")
class AddsUp(_Limits):
    def wanted(self, account: Account, change: LimitChange) -> Limits:
        return {name: account.limits.get(name, Decimal(0)) + amount for name, amount in change.wanted.items()}


@fault("set_limits", "LIM-004")
class NeverLowers(_Limits):
    def wanted(self, account: Account, change: LimitChange) -> Limits:
        return {name: max(amount, account.limits.get(name, amount)) for name, amount in change.wanted.items()}


@fault("set_limits", "LIM-005", "LIM-006")
class TakesZeroForNothing(MemoryPlugin):
    @hookimpl
    def set_limits(self, ref: AccountRef, change: LimitChange) -> bool:
        account = self.account(self.writing(), ref)
        if not all(change.wanted.values()):
            return False
        if account.limits or not change.previous:
            return super().set_limits(ref, change)
        return False


@fault("set_limits", "LIM-007")
class SetsTheFirstComponent(_Limits):
    def wanted(self, account: Account, change: LimitChange) -> Limits:
        return dict(list(change.wanted.items())[:1])


@fault("set_limits", "LIM-008", "LIM-009", "LIM-014")
class FreesWhatIsNotNamed(MemoryPlugin):
    @hookimpl
    def set_limits(self, ref: AccountRef, change: LimitChange) -> bool:
        account = self.account(self.writing(), ref)
        changed = account.limits != change.wanted
        account.limits = dict(change.wanted)
        return changed


@fault("set_limits", "LIM-010")
class TrustsPrevious(MemoryPlugin):
    @hookimpl
    def set_limits(self, ref: AccountRef, change: LimitChange) -> bool:
        return change.wanted != change.previous and super().set_limits(ref, change)


@fault("set_limits", "LIM-011")
class HoldsThirtyTwoBits(_Limits):
    def wanted(self, account: Account, change: LimitChange) -> Limits:
        return {name: min(amount, Decimal(2**31)) for name, amount in change.wanted.items()}


@fault("set_limits", "LIM-012")
class CutsTheExponent(_Limits):
    def wanted(self, account: Account, change: LimitChange) -> Limits:
        return {name: Decimal(str(amount).partition("E")[0]) for name, amount in change.wanted.items()}


@fault("set_limits", "LIM-013")
class LimitsAllAccounts(MemoryPlugin):
    @hookimpl
    def set_limits(self, ref: AccountRef, change: LimitChange) -> bool:
        changed = super().set_limits(ref, change)
        for account in self.reading().accounts.values():
            account.limits |= change.wanted
        return changed


@fault("set_limits", "LIM-015", "LIM-017")
class LetsNobodyStay(MemoryPlugin):
    @hookimpl
    def set_limits(self, ref: AccountRef, change: LimitChange) -> bool:
        members = self.account(self.writing(), ref).members
        kept = {name: dict(change.wanted) for name in list(members)[:1]}
        members.clear()
        members.update(kept)
        return super().set_limits(ref, change)


@fault("set_limits", "LIM-016")
class SetsWhatIsNotThere(MemoryPlugin):
    @hookimpl
    def set_limits(self, ref: AccountRef, change: LimitChange) -> bool:
        return bool(self.own(self.writing(), ref)) and super().set_limits(ref, change)


@fault("set_limits", "LIM-018")
class RemembersOrders(MemoryPlugin):
    @hookimpl
    def set_limits(self, ref: AccountRef, change: LimitChange) -> bool:
        self.orders: set[str] = getattr(self, "orders", set())
        new = change.order not in self.orders
        self.orders.add(change.order)
        super().set_limits(ref, change)
        return new


# ---------------------------------------------------------------- members' own


@fault("set_member_limits", "MLI-001", "MLI-004", "MLI-005", "MLI-010")
class SetsNoMembersLimits(MemoryPlugin):
    @hookimpl
    def set_member_limits(self, ref: AccountRef, member: Member, change: LimitChange) -> bool:
        return self.add_member(ref, member) or True


@fault("set_member_limits", "MLI-002")
class AlwaysSaysThatItLimited(MemoryPlugin):
    @hookimpl
    def set_member_limits(self, ref: AccountRef, member: Member, change: LimitChange) -> bool:
        super().set_member_limits(ref, member, change)
        return True


@fault("set_member_limits", "MLI-003")
class FreesNoMember(MemoryPlugin):
    @hookimpl
    def set_member_limits(self, ref: AccountRef, member: Member, change: LimitChange) -> bool:
        return super().set_member_limits(ref, member, LimitChange(change.wanted))


@fault("set_member_limits", "MLI-004")
class FreesWhatIsNotNamedOfAMember(MemoryPlugin):
    @hookimpl
    def set_member_limits(self, ref: AccountRef, member: Member, change: LimitChange) -> bool:
        self.account(self.writing(), ref).members[member.username] = dict(change.wanted)
        return True


@fault("set_member_limits", "MLI-006", "MLI-007")
class LimitsEverybody(MemoryPlugin):
    @hookimpl
    def set_member_limits(self, ref: AccountRef, member: Member, change: LimitChange) -> bool:
        changed = super().set_member_limits(ref, member, change)
        for account in self.reading().accounts.values():
            account.members = {name: dict(change.wanted) for name in account.members}
        return changed


@fault("set_member_limits", "MLI-008")
class LimitsWhoIsNotIn(MemoryPlugin):
    @hookimpl
    def set_member_limits(self, ref: AccountRef, member: Member, change: LimitChange) -> bool:
        try:
            return super().set_member_limits(ref, member, change)
        except NotReady:
            return False


@fault("remove_member", "MLI-009")
class KeepsTheLimitsOfWhoLeft(MemoryPlugin):
    @hookimpl
    def remove_member(self, ref: AccountRef, member: Member) -> bool:
        self.left = dict(self.account(self.writing(), ref).members)
        return super().remove_member(ref, member)

    @hookimpl
    def add_member(self, ref: AccountRef, member: Member) -> bool:
        new = super().add_member(ref, member)
        self.account(self.writing(), ref).members[member.username] = getattr(self, "left", {}).get(
            member.username, {}
        )
        return new


@fault("set_limits", "CMP-006")
class RefusesWhatItServes(MemoryPlugin):
    @hookimpl
    def set_limits(self, ref: AccountRef, change: LimitChange) -> bool:
        if "mem" in change.wanted:
            raise BackendError("memory cannot be limited on this cluster")
        return super().set_limits(ref, change)
