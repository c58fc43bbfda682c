"""The plugin: answers the agent's questions about SLURM accounts."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import ClassVar, Final

from waldur_agent_hookspecs import (
    API_VERSION,
    AccountRef,
    AccountState,
    AccountStatus,
    AddMember,
    Change,
    Component,
    ComponentRule,
    CreateAccount,
    DeleteAccount,
    Health,
    LimitChange,
    Member,
    NotReady,
    Order,
    Outcome,
    Period,
    PluginContext,
    Preview,
    RemoveMember,
    Review,
    SetLimits,
    SetMemberLimits,
    SetStatus,
    Usage,
    hookimpl,
)
from waldur_agent_hookspecs.commands import lock_directory, locked

from .accounting import Accounting
from .batch import Batch
from .claims import claims_of
from .client import SlurmClient
from .health import health
from .ownership import Ownership, names_in_doubt
from .review import review
from .rights import Rights
from .settings import SlurmSettings
from .snapshot import Snapshot
from .states import account_state
from .tags import owners
from .usage import UsageReader

logger = logging.getLogger(__name__)

_REASON = "asked for by itself"

RECENT_SECONDS: Final = 60.0
"""How old a reading may be from which members are added and removed, both of which SLURM takes twice."""


class SlurmPlugin:
    """Serves one cluster: customer accounts, below them project accounts, below them the accounts of resources."""

    api_version: ClassVar[int] = API_VERSION
    settings_model: ClassVar[type[SlurmSettings]] = SlurmSettings
    members_are_os_users: ClassVar[bool] = True

    def __init__(self, settings: SlurmSettings, context: PluginContext) -> None:
        self._settings = settings
        self._context = context
        self._client = SlurmClient(settings.slurm_bin_path, read_seconds=settings.read_timeout_seconds)
        self._cluster = settings.cluster_name or ""
        self._recent: tuple[float, Snapshot] | None = None

    # ------------------------------------------------------------ reading

    @hookimpl
    def describe_components(self, configured: Mapping[str, Component]) -> Mapping[str, ComponentRule]:
        """All components are TRES with limits in whole minutes."""
        return {name: ComponentRule(component.unit_factor) for name, component in configured.items()}

    @hookimpl
    def review_order(self, order: Order) -> Review:
        """Look at names and limits."""
        return review(order, self._settings)

    @hookimpl
    def list_accounts(self, refs: Sequence[AccountRef]) -> Mapping[str, AccountState]:
        """One command reads all; another one the tags, only of accounts whose id Waldur does not carry."""
        accounting = self._accounting()
        snapshot = accounting.snapshot()
        self._cluster = snapshot.cluster
        self._recent = (time.monotonic(), snapshot)
        claims = claims_of(refs, self._settings)
        found = accounting.descriptions(names_in_doubt(refs, claims, snapshot), present=snapshot.accounts)
        ownership = Ownership(snapshot, claims, owners(found))
        standings = ownership.standings(refs)
        return {uuid: account_state(standing, ownership, self._settings) for uuid, standing in standings.items()}

    @hookimpl
    def collect_usage(self, refs: Sequence[AccountRef], period: Period) -> Mapping[str, Usage]:
        """One command reads which accounts there are, another one what they used."""
        accounting = self._accounting()
        Rights(accounting).must_see_all_jobs()
        snapshot = accounting.snapshot()
        self._cluster = snapshot.cluster
        standings = Ownership(snapshot, claims_of(refs, self._settings), owners={}).standings(refs)
        for uuid, standing in standings.items():
            if standing.conflict:
                logger.warning("The usage of resource %s is left out: %s.", uuid, standing.conflict)
        names = {uuid: standing.name for uuid, standing in standings.items() if standing.exists}
        reader = UsageReader(self._client, snapshot.cluster, self._context.components, accounting.tres)
        used = reader.read(set(names.values()), period)
        return {uuid: used[name] for uuid, name in names.items()}

    @hookimpl
    def preview_changes(self, changes: Sequence[Change]) -> Preview:
        """Say what :meth:`apply_changes` would run."""
        return self._batch(self._accounting(), changes).preview()

    @hookimpl
    def check_health(self) -> Sequence[Health]:
        """Look at the commands, slurmdbd, the cluster and what the settings name."""
        return health(self._client, self._accounting(), self._settings, self._context)

    # ------------------------------------------------------------ writing

    @hookimpl
    def apply_changes(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        """Carry out a plan under the cluster's lock."""
        if not changes:
            return []
        if self._context.read_only:
            raise NotReady("the agent only shows what it would do: nothing is written to SLURM")
        with self._locked() as accounting:
            batch = self._batch(accounting, changes)
            # Once only: what is written now is not in it.
            read, self._recent = self._recent, None
            if read and time.monotonic() - read[0] < RECENT_SECONDS:
                batch.recent = read[1]
            return batch.apply()

    @hookimpl
    def create_account(self, ref: AccountRef) -> str:
        """Make the account and those above it."""
        (outcome,) = self.apply_changes([CreateAccount(ref=ref, reason=_REASON)])
        outcome.settled()
        return outcome.backend_id

    @hookimpl
    def set_limits(self, ref: AccountRef, change: LimitChange) -> bool:
        """Set ``GrpTRESMins``."""
        return self._settled(SetLimits(ref=ref, reason=_REASON, limits=change))

    @hookimpl
    def set_status(self, ref: AccountRef, status: AccountStatus) -> bool:
        """Set the list of QoS."""
        return self._settled(SetStatus(ref=ref, reason=_REASON, status=status))

    @hookimpl
    def delete_account(self, ref: AccountRef) -> bool:
        """Delete the account, and its project's if that is empty then."""
        return self._settled(DeleteAccount(ref=ref, reason=_REASON))

    @hookimpl
    def add_member(self, ref: AccountRef, member: Member) -> bool:
        """Add one association."""
        return self._settled(AddMember(ref=ref, reason=_REASON, member=member))

    @hookimpl
    def remove_member(self, ref: AccountRef, member: Member) -> bool:
        """Cancel the member's jobs there and remove the association."""
        return self._settled(RemoveMember(ref=ref, reason=_REASON, member=member))

    @hookimpl
    def set_member_limits(self, ref: AccountRef, member: Member, change: LimitChange) -> bool:
        """Set ``GrpTRESMins`` of the member's own association."""
        return self._settled(SetMemberLimits(ref=ref, reason=_REASON, member=member, limits=change))

    def _settled(self, change: Change) -> bool:
        (outcome,) = self.apply_changes([change])
        return outcome.settled()

    # ------------------------------------------------------------ parts

    def _accounting(self) -> Accounting:
        return Accounting(self._client, self._cluster)

    def _batch(self, accounting: Accounting, changes: Sequence[Change]) -> Batch:
        return Batch(self._settings, accounting, changes)

    @contextmanager
    def _locked(self) -> Iterator[Accounting]:
        if not self._cluster:
            self._cluster = self._accounting().snapshot().cluster
        with locked(lock_directory("slurm"), self._cluster, what="this cluster") as descriptor:
            yield Accounting(self._client, self._cluster, hold=(descriptor,))
