"""A cluster in memory with every hook of the contract, none of them broken: what the broken ones are made from."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from waldur_agent_hookspecs import (
    AccountRef,
    AccountState,
    AccountStatus,
    AddMember,
    Amounts,
    BackendError,
    Change,
    Component,
    ComponentRule,
    CreateAccount,
    DeleteAccount,
    Health,
    HealthStatus,
    LimitChange,
    Member,
    NamePolicy,
    NotReady,
    Order,
    OrderType,
    Outcome,
    OutcomeStatus,
    Period,
    PluginContext,
    PluginError,
    Preview,
    RemoveMember,
    Review,
    SetLimits,
    SetMemberLimits,
    SetStatus,
    Usage,
    User,
    Verdict,
    hookimpl,
)


@dataclass
class Account:
    """One account; ``tag`` is the resource's UUID, empty where it was made by hand."""

    tag: str = ""
    members: dict[str, dict[str, Decimal]] = field(default_factory=dict)
    limits: dict[str, Decimal] = field(default_factory=dict)
    status: AccountStatus = AccountStatus.ACTIVE
    used: list[tuple[str, dict[str, Decimal], datetime, datetime]] = field(default_factory=list)


@dataclass
class Cluster:
    """All accounts by name; ``down`` while it cannot be read, ``mute`` while it does not answer."""

    accounts: dict[str, Account] = field(default_factory=dict)
    down: bool = False
    mute: bool = False
    lock: threading.RLock = field(default_factory=threading.RLock)


CLUSTERS: dict[str, Cluster] = defaultdict(Cluster)


class MemorySettings(BaseModel):
    """Which cluster, and a password that nobody may see."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cluster: str = Field(default="one", max_length=100)
    password: SecretStr = SecretStr("hunter-twenty-two")


class MemoryPlugin:
    """Every hook, as it should be."""

    api_version: ClassVar[int] = 1
    settings_model: ClassVar[type[Any]] = MemorySettings

    def __init__(self, settings: MemorySettings, context: PluginContext) -> None:
        self.settings = settings
        self.context = context

    # ------------------------------------------------------------ parts

    def reading(self) -> Cluster:
        """The cluster, if it answers."""
        cluster = CLUSTERS[self.settings.cluster]
        if cluster.down or cluster.mute:
            raise NotReady("the cluster in memory does not answer; start it again")
        return cluster

    def writing(self) -> Cluster:
        """The cluster, if it may be written."""
        if self.context.read_only:
            raise NotReady("the agent only shows what it would do: nothing is written")
        return self.reading()

    def names(self, ref: AccountRef) -> list[str]:
        """The names that an account may have, best first."""
        if ref.backend_id:
            return [ref.backend_id]
        slug = ref.slug if ref.name_policy is NamePolicy.RESOURCE_SLUG else ref.project.slug
        if not slug:
            raise NotReady("Waldur tells no slug for the resource; set one in Waldur")
        name = slug.lower()
        if not name.replace("-", "").isalnum() or not name.isascii() or len(name) > 100:
            raise BackendError(f"{name!r} cannot be an account's name: a-z, 0-9 and '-', at most 100")
        return [name] if ref.name_policy is NamePolicy.RESOURCE_SLUG else [name, *(f"{name}-{n}" for n in range(9))]

    def own(self, cluster: Cluster, ref: AccountRef) -> str:
        """The name of this resource's own account; empty where there is none."""
        for name, account in cluster.accounts.items():
            if account.tag == ref.resource_uuid:
                return name
        carried = cluster.accounts.get(ref.backend_id)
        return ref.backend_id if carried and not carried.tag else ""

    def account(self, cluster: Cluster, ref: AccountRef) -> Account:
        """This resource's own account, which has to be there."""
        if name := self.own(cluster, ref):
            return cluster.accounts[name]
        raise NotReady(f"the cluster in memory has no account of resource {ref.resource_uuid}")

    # ------------------------------------------------------------ reading

    @hookimpl
    def describe_components(self, configured: Mapping[str, Component]) -> Mapping[str, ComponentRule]:
        return {name: ComponentRule(component.unit_factor) for name, component in configured.items()}

    @hookimpl
    def review_order(self, order: Order) -> Review:
        if order.type is not OrderType.CREATE:
            return Review(Verdict.ACCEPT)
        try:
            self.names(order.ref)
        except NotReady as reason:
            return Review(Verdict.WAIT, str(reason))
        except BackendError as reason:
            return Review(Verdict.REJECT, str(reason))
        return Review(Verdict.ACCEPT)

    @hookimpl
    def list_accounts(self, refs: Sequence[AccountRef]) -> Mapping[str, AccountState]:
        cluster = self.reading()
        with cluster.lock:
            return {ref.resource_uuid: self.state(cluster, ref) for ref in refs}

    def state(self, cluster: Cluster, ref: AccountRef) -> AccountState:
        """One account's."""
        name = self.own(cluster, ref)
        if not name:
            return self.absent(cluster, ref)
        account = cluster.accounts[name]
        members = {username: dict(limits) for username, limits in account.members.items()}
        shown = {"kind": "in memory"}
        return AccountState(True, name, members, account.limits, status=account.status, metadata=shown)

    def absent(self, cluster: Cluster, ref: AccountRef) -> AccountState:
        """No account: the name to come, or what is in the way."""
        try:
            names = self.names(ref)
        except PluginError:
            return AccountState(exists=False)
        free = [name for name in names if name not in cluster.accounts]
        if free:
            return AccountState(exists=False, backend_id=free[0])
        return AccountState(exists=False, conflict=f"account {names[0]!r} is somebody else's")

    @hookimpl
    def collect_usage(self, refs: Sequence[AccountRef], period: Period) -> Mapping[str, Usage]:
        cluster = self.reading()
        owned = {ref.resource_uuid: self.own(cluster, ref) for ref in refs}
        return {uuid: self.usage(cluster.accounts[name], period) for uuid, name in owned.items() if name}

    def usage(self, account: Account, period: Period) -> Usage:
        """One account's, each piece cut to the period."""
        members: dict[str, dict[str, Decimal]] = {}
        for username, amounts, start, end in account.used:
            inside = min(end, period.end) - max(start, period.start)
            if inside.total_seconds() <= 0:
                continue
            seconds, of = (Decimal(int(span.total_seconds())) for span in (inside, end - start))
            used = members.setdefault(username, {})
            for name, amount in amounts.items():
                used[name] = used.get(name, Decimal(0)) + amount * seconds / of
        nobody: Amounts = members.pop("", {})
        return Usage(members, nobody)

    @hookimpl
    def account_metadata(self, ref: AccountRef) -> Mapping[str, str]:
        return self.state(self.reading(), ref).metadata

    @hookimpl
    def preview_changes(self, changes: Sequence[Change]) -> Preview:
        self.reading()
        return Preview(tuple(f"{change.kind} {change.ref.slug}" for change in changes))

    @hookimpl
    def check_health(self) -> Sequence[Health]:
        try:
            self.reading()
        except NotReady as reason:
            return [Health("memory", HealthStatus.BAD, str(reason), "start it again")]
        return [Health("memory", HealthStatus.GOOD)]

    # ------------------------------------------------------------ writing

    @hookimpl
    def create_account(self, ref: AccountRef) -> str:
        cluster = self.writing()
        with cluster.lock:
            if name := self.own(cluster, ref):
                return name
            free = [name for name in self.names(ref) if name not in cluster.accounts]
            if not free:
                raise BackendError(f"the name {self.names(ref)[0]!r} is taken; rename or remove what has it")
            cluster.accounts[free[0]] = Account(ref.resource_uuid)
            return free[0]

    @hookimpl
    def set_limits(self, ref: AccountRef, change: LimitChange) -> bool:
        account = self.account(self.writing(), ref)
        before = dict(account.limits)
        account.limits |= change.wanted
        return account.limits != before

    @hookimpl
    def set_status(self, ref: AccountRef, status: AccountStatus) -> bool:
        account = self.account(self.writing(), ref)
        changed = account.status is not status
        account.status = status
        return changed

    @hookimpl
    def delete_account(self, ref: AccountRef) -> bool:
        cluster = self.writing()
        name = self.own(cluster, ref)
        if name:
            del cluster.accounts[name]
        return bool(name)

    @hookimpl
    def add_member(self, ref: AccountRef, member: Member) -> bool:
        members = self.account(self.writing(), ref).members
        new = member.username not in members
        members.setdefault(member.username, {})
        return new

    @hookimpl
    def remove_member(self, ref: AccountRef, member: Member) -> bool:
        return self.account(self.writing(), ref).members.pop(member.username, None) is not None

    @hookimpl
    def set_member_limits(self, ref: AccountRef, member: Member, change: LimitChange) -> bool:
        members = self.account(self.writing(), ref).members
        if member.username not in members:
            raise NotReady(f"{member.username!r} is not a member of the account of {ref.slug}")
        before = dict(members[member.username])
        freed = change.previous.keys() - change.wanted.keys()
        members[member.username] = {
            name: one for name, one in (before | dict(change.wanted)).items() if name not in freed
        }
        return members[member.username] != before

    @hookimpl
    def apply_changes(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        return [self.carried_out(change) for change in changes]

    def carried_out(self, change: Change) -> Outcome:
        """One change, as its single hook does it."""
        try:
            if isinstance(change, CreateAccount):
                existed = bool(self.own(self.reading(), change.ref))
                status = OutcomeStatus.UNCHANGED if existed else OutcomeStatus.DONE
                return Outcome(change, status, backend_id=self.create_account(change.ref))
            done = self.done(change)
        except NotReady as reason:
            return Outcome(change, OutcomeStatus.NOT_READY, str(reason))
        except BackendError as reason:
            return Outcome(change, OutcomeStatus.FAILED, str(reason))
        return Outcome(change, OutcomeStatus.DONE if done else OutcomeStatus.UNCHANGED)

    def done(self, change: Change) -> bool:
        """Whether something was changed."""
        match change:
            case SetLimits():
                return self.set_limits(change.ref, change.limits)
            case SetStatus():
                return self.set_status(change.ref, change.status)
            case AddMember():
                return self.add_member(change.ref, change.member)
            case RemoveMember():
                return self.remove_member(change.ref, change.member)
            case SetMemberLimits():
                return self.set_member_limits(change.ref, change.member, change.limits)
            case DeleteAccount():
                return self.delete_account(change.ref)
        raise AssertionError(change.kind)

    # ------------------------------------------------------------ names and notices

    @hookimpl
    def find_username(self, user: User) -> str:
        return next((name for name in user.known_names if name.isidentifier() and name.isascii()), "")

    @hookimpl
    def generate_username(self, user: User, taken: frozenset[str]) -> str:
        stem = "".join(char for char in user.first_name.lower() if char.isascii() and char.isalpha())[:20]
        held = {name.lower() for name in taken}
        names = (f"{stem}{number or ''}" for number in range(10_000))
        return next((name for name in names if name not in held), "") if stem else ""

    @hookimpl
    def members_synced(self, ref: AccountRef, members: Sequence[Member]) -> None:
        """Heard."""

    @hookimpl
    def hook_finished(self, outcome: Outcome) -> None:
        """Heard."""
