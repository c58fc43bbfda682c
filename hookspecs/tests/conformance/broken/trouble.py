"""Faults with a backend that cannot be read, or that several use at once."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from waldur_agent_hookspecs import (
    AccountRef,
    AccountState,
    AccountStatus,
    BackendError,
    Change,
    Component,
    ComponentRule,
    Health,
    HealthStatus,
    LimitChange,
    Member,
    NotReady,
    Order,
    Period,
    Preview,
    Review,
    Usage,
    Verdict,
    hookimpl,
)

from .memory import CLUSTERS, Account, Cluster, MemoryPlugin
from .table import fault


class _Swallows(MemoryPlugin):
    """Takes 'could not be read' for an answer."""

    @property
    def away(self) -> bool:
        """Whether the cluster cannot be read."""
        cluster = CLUSTERS[self.settings.cluster]
        return cluster.down or cluster.mute


@fault("list_accounts", "ERR-001", "ERR-030")
class UnreadableIsAbsent(_Swallows):
    @hookimpl
    def list_accounts(self, refs: Sequence[AccountRef]) -> Mapping[str, AccountState]:
        if self.away:
            return {ref.resource_uuid: AccountState(exists=False) for ref in refs}
        return super().list_accounts(refs)


@fault("list_accounts", "ERR-001")
class UnreadableIsForGood(_Swallows):
    @hookimpl
    def list_accounts(self, refs: Sequence[AccountRef]) -> Mapping[str, AccountState]:
        if self.away:
            raise BackendError("the cluster could not be read, start it again")
        return super().list_accounts(refs)


@fault("list_accounts", "ERR-001")
class UnreadableIsABug(_Swallows):
    @hookimpl
    def list_accounts(self, refs: Sequence[AccountRef]) -> Mapping[str, AccountState]:
        if self.away:
            raise ConnectionRefusedError(111, "Connection refused")
        return super().list_accounts(refs)


@fault("list_accounts", "ERR-001")
class UnreadableIsOneWord(_Swallows):
    @hookimpl
    def list_accounts(self, refs: Sequence[AccountRef]) -> Mapping[str, AccountState]:
        if self.away:
            raise NotReady("failed")
        return super().list_accounts(refs)


@fault("collect_usage", "ERR-002")
class UnreadableIsUnused(_Swallows):
    @hookimpl
    def collect_usage(self, refs: Sequence[AccountRef], period: Period) -> Mapping[str, Usage]:
        return {ref.resource_uuid: Usage() for ref in refs} if self.away else super().collect_usage(refs, period)


@fault("create_account", "ERR-003", "ERR-031")
class UnmadeIsForGood(_Swallows):
    @hookimpl
    def create_account(self, ref: AccountRef) -> str:
        if self.away:
            raise BackendError("the cluster could not be read, start it again")
        return super().create_account(ref)


@fault("set_limits", "ERR-004")
class UnsetIsUnchanged(_Swallows):
    @hookimpl
    def set_limits(self, ref: AccountRef, change: LimitChange) -> bool:
        return not self.away and super().set_limits(ref, change)


@fault("set_status", "ERR-005")
class UnpausedIsUnchanged(_Swallows):
    @hookimpl
    def set_status(self, ref: AccountRef, status: AccountStatus) -> bool:
        return not self.away and super().set_status(ref, status)


@fault("delete_account", "ERR-006")
class UnreadableIsGone(_Swallows):
    @hookimpl
    def delete_account(self, ref: AccountRef) -> bool:
        return not self.away and super().delete_account(ref)


@fault("add_member", "ERR-007")
class UnaddedIsIn(_Swallows):
    @hookimpl
    def add_member(self, ref: AccountRef, member: Member) -> bool:
        return not self.away and super().add_member(ref, member)


@fault("remove_member", "ERR-008")
class UnremovedIsOut(_Swallows):
    @hookimpl
    def remove_member(self, ref: AccountRef, member: Member) -> bool:
        return not self.away and super().remove_member(ref, member)


@fault("set_member_limits", "ERR-009")
class UnlimitedIsUnchanged(_Swallows):
    @hookimpl
    def set_member_limits(self, ref: AccountRef, member: Member, change: LimitChange) -> bool:
        return not self.away and super().set_member_limits(ref, member, change)


@fault("account_metadata", "ERR-010")
class UnreadableHasNoMetadata(_Swallows):
    @hookimpl
    def account_metadata(self, ref: AccountRef) -> Mapping[str, str]:
        return {} if self.away else super().account_metadata(ref)


@fault("preview_changes", "ERR-011")
class PreviewIsRefused(_Swallows):
    @hookimpl
    def preview_changes(self, changes: Sequence[Change]) -> Preview:
        if self.away:
            raise BackendError("the cluster could not be read, start it again")
        return super().preview_changes(changes)


@fault("check_health", "ERR-013")
class AlwaysWell(MemoryPlugin):
    @hookimpl
    def check_health(self) -> Sequence[Health]:
        return [Health("memory", HealthStatus.GOOD)]


@fault("check_health", "ERR-013")
class NoRemedy(_Swallows):
    @hookimpl
    def check_health(self) -> Sequence[Health]:
        return [Health("memory", HealthStatus.BAD, "away")] if self.away else super().check_health()


@fault("review_order", "ERR-014")
class UnreadableIsRejected(_Swallows):
    @hookimpl
    def review_order(self, order: Order) -> Review:
        return Review(Verdict.REJECT, "the cluster is away") if self.away else super().review_order(order)


@fault("list_accounts", "ERR-015")
class NeverRecovers(_Swallows):
    @hookimpl
    def list_accounts(self, refs: Sequence[AccountRef]) -> Mapping[str, AccountState]:
        self.lost = getattr(self, "lost", False) or self.away
        if self.lost:
            raise NotReady("the cluster could not be read, start it again")
        return super().list_accounts(refs)


@fault("describe_components", "ERR-016")
class UnreadableServesNothing(_Swallows):
    @hookimpl
    def describe_components(self, configured: Mapping[str, Component]) -> Mapping[str, ComponentRule]:
        return {} if self.away else super().describe_components(configured)


# ---------------------------------------------------------------- while only showing


class _Writes(MemoryPlugin):
    def writing(self) -> Cluster:
        return self.reading()


@fault("create_account", "ROC-001")
class MakesWhileOnlyShowing(_Writes):
    pass


@fault("set_limits", "ROC-002")
class LimitsWhileOnlyShowing(_Writes):
    pass


@fault("set_status", "ROC-003")
class PausesWhileOnlyShowing(_Writes):
    pass


@fault("delete_account", "ROC-004")
class DeletesWhileOnlyShowing(_Writes):
    pass


@fault("add_member", "ROC-005")
class AddsWhileOnlyShowing(_Writes):
    pass


@fault("remove_member", "ROC-006")
class RemovesWhileOnlyShowing(_Writes):
    pass


@fault("set_member_limits", "ROC-007")
class LimitsMembersWhileOnlyShowing(_Writes):
    pass


# ---------------------------------------------------------------- several at once

PAUSE = 0.02


@fault("create_account", "CON-001")
class LooksAndThenMakes(MemoryPlugin):
    @hookimpl
    def create_account(self, ref: AccountRef) -> str:
        cluster = self.writing()
        name = self.own(cluster, ref) or f"{self.names(ref)[0]}-{id(self)}"
        time.sleep(PAUSE)
        cluster.accounts.setdefault(name, Account(ref.resource_uuid))
        return name


@fault("create_account", "CON-002")
class RewritesAllAccounts(MemoryPlugin):
    @hookimpl
    def create_account(self, ref: AccountRef) -> str:
        cluster = self.writing()
        found, cluster.accounts = dict(cluster.accounts), {}
        time.sleep(PAUSE)
        cluster.accounts = {**found, self.names(ref)[0]: Account(ref.resource_uuid)}
        return self.names(ref)[0]


@fault("list_accounts", "CON-004")
class ReadsWhatIsHalfWritten(RewritesAllAccounts):
    pass


@fault("add_member", "CON-003")
class RewritesAllMembers(MemoryPlugin):
    @hookimpl
    def add_member(self, ref: AccountRef, member: Member) -> bool:
        account = self.account(self.writing(), ref)
        found = dict(account.members)
        time.sleep(PAUSE)
        account.members = {**found, member.username: {}}
        return member.username not in found


@fault("add_member", "CON-006")
class SharesTheLastAccount(MemoryPlugin):
    last: ClassVar[list[Any]] = []

    @hookimpl
    def create_account(self, ref: AccountRef) -> str:
        self.last[:] = [ref]
        return super().create_account(ref)

    @hookimpl
    def add_member(self, ref: AccountRef, member: Member) -> bool:
        return super().add_member(self.last[0], member)
