"""Faults in the status of an account."""

from __future__ import annotations

from waldur_agent_hookspecs import AccountRef, AccountStatus, LimitChange, Member, NotReady, hookimpl

from .memory import MemoryPlugin
from .table import fault


@fault("set_status", "STA-001", "STA-002", "STA-003", "STA-004")
class StatusIsIgnored(MemoryPlugin):
    @hookimpl
    def set_status(self, ref: AccountRef, status: AccountStatus) -> bool:
        self.account(self.writing(), ref)
        return True


@fault("set_status", "STA-002", "STA-004")
class DownscaledIsPaused(MemoryPlugin):
    @hookimpl
    def set_status(self, ref: AccountRef, status: AccountStatus) -> bool:
        paused = AccountStatus.PAUSED if status is AccountStatus.DOWNSCALED else status
        return super().set_status(ref, paused)


@fault("set_status", "STA-003")
class NeverLetsGo(MemoryPlugin):
    @hookimpl
    def set_status(self, ref: AccountRef, status: AccountStatus) -> bool:
        return status is AccountStatus.ACTIVE or super().set_status(ref, status)


@fault("set_status", "STA-005")
class AlwaysSaysThatItPaused(MemoryPlugin):
    @hookimpl
    def set_status(self, ref: AccountRef, status: AccountStatus) -> bool:
        super().set_status(ref, status)
        return True


@fault("set_status", "STA-006")
class PausesAll(MemoryPlugin):
    @hookimpl
    def set_status(self, ref: AccountRef, status: AccountStatus) -> bool:
        changed = super().set_status(ref, status)
        for account in self.reading().accounts.values():
            account.status = status
        return changed


@fault("set_status", "STA-007")
class PausesByThrowingOut(MemoryPlugin):
    @hookimpl
    def set_status(self, ref: AccountRef, status: AccountStatus) -> bool:
        self.account(self.writing(), ref).members.clear()
        return super().set_status(ref, status)


@fault("add_member", "STA-008")
class JoiningLetsGo(MemoryPlugin):
    @hookimpl
    def add_member(self, ref: AccountRef, member: Member) -> bool:
        self.account(self.writing(), ref).status = AccountStatus.ACTIVE
        return super().add_member(ref, member)


@fault("set_limits", "STA-008")
class LimitsLetGo(MemoryPlugin):
    @hookimpl
    def set_limits(self, ref: AccountRef, change: LimitChange) -> bool:
        self.account(self.writing(), ref).status = AccountStatus.ACTIVE
        return super().set_limits(ref, change)


@fault("set_status", "STA-009")
class PausesWhatIsNotThere(MemoryPlugin):
    @hookimpl
    def set_status(self, ref: AccountRef, status: AccountStatus) -> bool:
        try:
            return super().set_status(ref, status)
        except NotReady:
            return False


@fault("remove_member", "MEM-045")
class LeavingLetsGo(MemoryPlugin):
    @hookimpl
    def remove_member(self, ref: AccountRef, member: Member) -> bool:
        self.account(self.writing(), ref).status = AccountStatus.ACTIVE
        return super().remove_member(ref, member)
