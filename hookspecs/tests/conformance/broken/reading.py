"""Faults in reading what the backend holds."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from waldur_agent_hookspecs import AccountRef, AccountState, AccountStatus, NotReady, Usage, hookimpl

from .memory import Cluster, MemoryPlugin
from .table import fault


@fault("list_accounts", "RED-001")
class CannotBeAskedForNothing(MemoryPlugin):
    @hookimpl
    def list_accounts(self, refs: Sequence[AccountRef]) -> Mapping[str, AccountState]:
        return super().list_accounts(refs or [AccountRef("0" * 32, "", "x", "", None, None)])  # type: ignore[arg-type]


@fault("list_accounts", "RED-002", "RED-016")
class EverythingIsThere(MemoryPlugin):
    def absent(self, cluster: Cluster, ref: AccountRef) -> AccountState:
        return AccountState(exists=True, backend_id=ref.slug)


@fault("list_accounts", "RED-004", "RED-008")
class AnswersForTheFirstOnly(MemoryPlugin):
    @hookimpl
    def list_accounts(self, refs: Sequence[AccountRef]) -> Mapping[str, AccountState]:
        first = super().list_accounts(refs[:1])
        return {ref.resource_uuid: first.get(ref.resource_uuid, AccountState(exists=False)) for ref in refs}


@fault("list_accounts", "RED-005")
class ReadingTakesAMemberOut(MemoryPlugin):
    def state(self, cluster: Cluster, ref: AccountRef) -> AccountState:
        state = super().state(cluster, ref)
        if state.exists:
            cluster.accounts[state.backend_id].members.clear()
        return state


@fault("list_accounts", "RED-006")
class ReadsOnce(MemoryPlugin):
    @hookimpl
    def list_accounts(self, refs: Sequence[AccountRef]) -> Mapping[str, AccountState]:
        self.read: dict[str, AccountState] = getattr(self, "read", {})
        for uuid, state in super().list_accounts(refs).items():
            self.read.setdefault(uuid, state)
        return {ref.resource_uuid: self.read[ref.resource_uuid] for ref in refs}


@fault("list_accounts", "RED-007")
class AsksForEachAccount(MemoryPlugin):
    def state(self, cluster: Cluster, ref: AccountRef) -> AccountState:
        time.sleep(0)
        return super().state(cluster, ref)


@fault("list_accounts", "RED-009", "RED-010")
class ShowsEverybodyEverywhere(MemoryPlugin):
    def state(self, cluster: Cluster, ref: AccountRef) -> AccountState:
        state = super().state(cluster, ref)
        everybody: dict[str, Any] = {name: {} for account in cluster.accounts.values() for name in account.members}
        return replace(state, members={**everybody, "root": {}}) if state.exists else state


@fault("list_accounts", "RED-009")
class HidesLimits(MemoryPlugin):
    def state(self, cluster: Cluster, ref: AccountRef) -> AccountState:
        return replace(super().state(cluster, ref), limits={})


@fault("list_accounts", "RED-011")
class ShowsAllAsPaused(MemoryPlugin):
    def state(self, cluster: Cluster, ref: AccountRef) -> AccountState:
        return replace(super().state(cluster, ref), status=AccountStatus.PAUSED)


@fault("list_accounts", "RED-012")
class ShowsNothingWhileOnlyShowing(MemoryPlugin):
    def state(self, cluster: Cluster, ref: AccountRef) -> AccountState:
        return AccountState(exists=False) if self.context.read_only else super().state(cluster, ref)


@fault("account_metadata", "RED-014", "RED-015")
class TellsOtherMetadata(MemoryPlugin):
    @hookimpl
    def account_metadata(self, ref: AccountRef) -> Mapping[str, str]:
        return {"kind": f"of instance {id(self)}"}


@fault("account_metadata", "RED-014")
class TellsNoMetadata(MemoryPlugin):
    @hookimpl
    def account_metadata(self, ref: AccountRef) -> Mapping[str, str]:
        return {}


# ---------------------------------------------------------------- answers of the wrong form


@fault("list_accounts", "RED-002", "ACC-001")
class AnswersNone(MemoryPlugin):
    @hookimpl
    def list_accounts(self, refs: Sequence[AccountRef]) -> Mapping[str, AccountState]:
        return None  # type: ignore[return-value]


@fault("list_accounts", "RED-002", "RED-004")
class LeavesOutWhatIsAbsent(MemoryPlugin):
    @hookimpl
    def list_accounts(self, refs: Sequence[AccountRef]) -> Mapping[str, AccountState]:
        return {uuid: state for uuid, state in super().list_accounts(refs).items() if state.exists}


@fault("list_accounts", "RED-004")
class AnswersById(MemoryPlugin):
    @hookimpl
    def list_accounts(self, refs: Sequence[AccountRef]) -> Mapping[str, AccountState]:
        return {state.backend_id or uuid: state for uuid, state in super().list_accounts(refs).items()}


@fault("list_accounts", "RED-009", "LIM-001")
class LimitsAreFloats(MemoryPlugin):
    def state(self, cluster: Cluster, ref: AccountRef) -> AccountState:
        state = super().state(cluster, ref)
        floats: Any = {name: float(amount) for name, amount in state.limits.items()}
        return replace(state, limits=floats)


@fault("list_accounts", "STA-001")
class StatusIsAText(MemoryPlugin):
    def state(self, cluster: Cluster, ref: AccountRef) -> AccountState:
        state = super().state(cluster, ref)
        return replace(state, status=str(state.status.value)) if state.status else state  # type: ignore[arg-type]


@fault("list_accounts", "RED-001", "RED-004")
class EmptiesItsArgument(MemoryPlugin):
    @hookimpl
    def list_accounts(self, refs: Sequence[AccountRef]) -> Mapping[str, AccountState]:
        states = super().list_accounts(refs)
        refs.append(refs[0]) if refs else refs.append(AccountRef)  # type: ignore[attr-defined]
        return states


@fault("list_accounts", "RED-004")
class RaisesWhateverComes(MemoryPlugin):
    def absent(self, cluster: Cluster, ref: AccountRef) -> AccountState:
        raise KeyError(ref.slug)


@fault("list_accounts", "RED-004")
class RaisesWithoutAText(MemoryPlugin):
    def absent(self, cluster: Cluster, ref: AccountRef) -> AccountState:
        raise NotReady("")


@fault("collect_usage", "USE-001")
class CannotReportNothing(MemoryPlugin):
    @hookimpl
    def collect_usage(self, refs: Sequence[AccountRef], period: object) -> Mapping[str, Usage]:
        return {ref.resource_uuid: Usage({}, {"cpu": Decimal(0)}) for ref in [refs[0], *refs]}
