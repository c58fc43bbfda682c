"""Faults in carrying out a whole plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from waldur_agent_hookspecs import (
    AccountStatus,
    AddMember,
    BackendError,
    Change,
    CreateAccount,
    DeleteAccount,
    NotReady,
    Outcome,
    OutcomeStatus,
    RemoveMember,
    SetLimits,
    SetMemberLimits,
    SetStatus,
    hookimpl,
)

from .memory import Account, MemoryPlugin
from .table import fault


@fault("apply_changes", "BLK-001")
class CannotDoNothing(MemoryPlugin):
    @hookimpl
    def apply_changes(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        return super().apply_changes([changes[0], *changes[1:]])


@fault("apply_changes", "BLK-002", "BLK-003", "BLK-007", "BLK-008")
class ForgetsMembers(MemoryPlugin):
    def carried_out(self, change: Change) -> Outcome:
        return Outcome(change, OutcomeStatus.DONE) if isinstance(change, AddMember) else super().carried_out(change)


@fault("apply_changes", "BLK-003")
class LimitsInAnotherUnit(MemoryPlugin):
    def carried_out(self, change: Change) -> Outcome:
        outcome = super().carried_out(change)
        if isinstance(change, SetLimits):
            self.account(self.reading(), change.ref).status = AccountStatus.DOWNSCALED
        return outcome


@fault("apply_changes", "BLK-004", "BLK-009")
class SaysDoneToAll(MemoryPlugin):
    def carried_out(self, change: Change) -> Outcome:
        return replace(super().carried_out(change), status=OutcomeStatus.DONE, backend_id=change.ref.slug)


@fault("apply_changes", "BLK-005", "BLK-006")
class StopsAtTheFirstFailure(MemoryPlugin):
    @hookimpl
    def apply_changes(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        outcomes: list[Outcome] = []
        for change in changes:
            good = all(outcome.good for outcome in outcomes)
            stopped = Outcome(change, OutcomeStatus.NOT_READY, "an earlier change failed, so this was not tried")
            outcomes.append(self.carried_out(change) if good else stopped)
        return outcomes


@fault("apply_changes", "BLK-005", "BLK-006")
class OneFailsAll(MemoryPlugin):
    @hookimpl
    def apply_changes(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        outcomes = super().apply_changes(changes)
        for outcome in outcomes:
            if not outcome.good:
                raise BackendError(outcome.text)
        return outcomes


@fault("apply_changes", "BLK-007")
class ForgetsTheTwentieth(MemoryPlugin):
    @hookimpl
    def apply_changes(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        told = [Outcome(change, OutcomeStatus.DONE, backend_id=change.ref.slug) for change in changes[50:]]
        return [*super().apply_changes(changes[:50]), *told]


@fault("apply_changes", "BLK-008")
class ForgetsDepartures(MemoryPlugin):
    def carried_out(self, change: Change) -> Outcome:
        return (
            Outcome(change, OutcomeStatus.DONE) if isinstance(change, RemoveMember) else super().carried_out(change)
        )


@fault("apply_changes", "BLK-009")
class DeletesEverything(MemoryPlugin):
    def carried_out(self, change: Change) -> Outcome:
        outcome = super().carried_out(change)
        if isinstance(change, DeleteAccount):
            self.reading().accounts.clear()
        return outcome


@fault("apply_changes", "BLK-010")
class NothingEverFails(MemoryPlugin):
    def carried_out(self, change: Change) -> Outcome:
        outcome = super().carried_out(change)
        return outcome if outcome.good else Outcome(change, OutcomeStatus.UNCHANGED)


@fault("apply_changes", "BLK-011", "BLK-002")
class OneOutcomeForEqualChanges(MemoryPlugin):
    @hookimpl
    def apply_changes(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        distinct: list[Change] = []
        for change in changes:
            if not any(isinstance(change, AddMember) and change == other for other in distinct):
                distinct.append(change)
        return [self.carried_out(replace(change) if isinstance(change, SetLimits) else change) for change in distinct]


@fault("apply_changes", "BLK-012")
class ForgetsTheRest(MemoryPlugin):
    def carried_out(self, change: Change) -> Outcome:
        rest = isinstance(change, SetStatus | SetMemberLimits)
        return Outcome(change, OutcomeStatus.DONE) if rest else super().carried_out(change)


@fault("apply_changes", "BLK-013")
class WritesWhileOnlyShowing(MemoryPlugin):
    def carried_out(self, change: Change) -> Outcome:
        if self.context.read_only and isinstance(change, CreateAccount):
            self.reading().accounts[change.ref.slug] = Account(change.ref.resource_uuid)
        return super().carried_out(change)


@fault("apply_changes", "BLK-005")
class FailsWithoutAText(MemoryPlugin):
    def carried_out(self, change: Change) -> Outcome:
        return replace(super().carried_out(change), text="")


@fault("apply_changes", "BLK-002")
class MadeWithoutAnId(MemoryPlugin):
    def carried_out(self, change: Change) -> Outcome:
        return replace(super().carried_out(change), backend_id="")


@fault("apply_changes", "ERR-012")
class AFailedPlanIsForGood(MemoryPlugin):
    @hookimpl
    def apply_changes(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        try:
            self.reading()
        except NotReady as reason:
            return [Outcome(change, OutcomeStatus.FAILED, str(reason)) for change in changes]
        return super().apply_changes(changes)
