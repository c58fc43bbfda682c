"""Carries out a whole plan: one reading, then change by change, deletions last. A preview writes down instead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from waldur_agent_hookspecs import (
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
)
from waldur_agent_hookspecs.commands import CommandLost

from .creation import create_account
from .deletion import Deletion
from .funding import Funding
from .members import Members
from .reading import read

if TYPE_CHECKING:
    from .accounting import Accounting
    from .ownership import Ownership, Standing
    from .settings import MoabSettings


@dataclass(slots=True)
class Batch:
    """Changes that are carried out together.

    Attributes:
        accounting: MAM; where it only records, what would be done is written down there.
        fresh: Orders of which it is certain that nothing was deposited for them yet; a deposit takes its order out.
    """

    accounting: Accounting
    settings: MoabSettings
    changes: Sequence[Change]
    fresh: set[str] = field(default_factory=set)
    _standings: dict[str, Standing] = field(default_factory=dict)
    _unmade: dict[str, Outcome] = field(default_factory=dict)
    _lost: CommandLost | None = None

    def apply(self) -> list[Outcome]:
        """Carry the changes out. One outcome each, in their order.

        Raises:
            NotReady: MAM could not be read to begin with; nothing was done.
        """
        refs = list({change.ref.resource_uuid: change.ref for change in self.changes}.values())
        leaving = {change.ref.resource_uuid for change in self.changes if isinstance(change, DeleteAccount)}
        reading = read(self.accounting, refs, self.settings, leaving)
        self._standings = dict(reading.standings)
        work = _Work(self.accounting, reading.ownership, self.fresh)
        outcomes = {position: self._ended(change, work) for position, change in self._deletions_last()}
        work.deletion.end_projects()
        return [
            self._with_project(outcomes[position], work.deletion.failures) for position in range(len(self.changes))
        ]

    def _deletions_last(self) -> Iterator[tuple[int, Change]]:
        numbered = list(enumerate(self.changes))
        yield from (it for it in numbered if not isinstance(it[1], DeleteAccount))
        yield from (it for it in numbered if isinstance(it[1], DeleteAccount))

    def _ended(self, change: Change, work: _Work) -> Outcome:
        if unmade := self._unmade.get(change.ref.resource_uuid):
            return Outcome(change, unmade.status, f"its account could not be made: {unmade.text}")
        try:
            if self._lost is not None:
                raise self._lost
            outcome = self._carry_out(change, work)
        except NotReady as error:
            self._lost = error if isinstance(error, CommandLost) else self._lost
            status = OutcomeStatus.WAITING if error.expected else OutcomeStatus.NOT_READY
            outcome = Outcome(change, status, str(error))
        except BackendError as error:
            outcome = Outcome(change, OutcomeStatus.FAILED, str(error))
        if isinstance(change, CreateAccount) and not outcome.good:
            self._unmade[change.ref.resource_uuid] = outcome
        return outcome

    def _carry_out(self, change: Change, work: _Work) -> Outcome:
        standing = self._standings[change.ref.resource_uuid]
        match change:
            case CreateAccount():
                account, made = create_account(work.accounting, work.ownership, standing)
                self._standings[change.ref.resource_uuid] = replace(standing, name=account.name, account=account)
                return replace(_done(change, done=made), backend_id=account.name)
            case DeleteAccount():
                return work.deletion.end_account(change, standing)
        if standing.account is None:
            name = standing.name or change.ref.slug
            raise NotReady(
                f"MAM has no account {name!r} of this resource; {standing.conflict or 'it is asked again'}"
            )
        match change:
            case SetLimits():
                return _done(change, done=work.funding.deposit(standing.account, change))
            case AddMember(member=member):
                return _done(change, done=work.members.add(standing.account, member.username))
            case RemoveMember(member=member):
                return _done(change, done=work.members.remove(standing.account, member.username))
        raise BackendError(f"MOAB knows nothing like {change.kind}")

    def _with_project(self, outcome: Outcome, failures: dict[str, str]) -> Outcome:
        text = failures.get(outcome.change.ref.resource_uuid)
        if text is None or not isinstance(outcome.change, DeleteAccount) or not outcome.good:
            return outcome
        return Outcome(outcome.change, OutcomeStatus.NOT_READY, text)


class _Work:
    """The parts of a batch, over one reading."""

    def __init__(self, accounting: Accounting, ownership: Ownership, fresh: set[str]) -> None:
        self.accounting = accounting
        self.ownership = ownership
        self.funding = Funding(accounting, fresh)
        self.members = Members(accounting)
        self.deletion = Deletion(accounting, ownership)


def _done(change: Change, *, done: bool) -> Outcome:
    return Outcome(change, OutcomeStatus.DONE if done else OutcomeStatus.UNCHANGED)
