"""Ends accounts: their jobs, their associations, themselves, and the project account that is left with nothing."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from waldur_agent_hookspecs import Change, NotReady, Outcome, OutcomeStatus
from waldur_agent_hookspecs.commands import CommandFailed

from . import parser
from .claims import project_of
from .removal import delete_accounts, removal_commands
from .settling import not_ready

if TYPE_CHECKING:
    from .accounting import Accounting
    from .jobs import Jobs
    from .ownership import Ownership, Standing
    from .snapshot import Snapshot


logger = logging.getLogger(__name__)

_PAUSES: Final = (0.0, 0.5, 2.0)
"""Seconds before each attempt: slurmdbd hears of a job's end a little after slurmctld stops showing it."""


def _damage(account: str, other: str) -> str:
    return (
        f"deleting the account {account} would delete {other} as well, though that is not below it: the tree of "
        "slurmdbd is damaged; repair lft and rgt of its association table first"
    )


@dataclass(slots=True)
class Deletion:
    """Deletes the accounts of a batch together.

    Attributes:
        doomed: Account to the positions of the changes that delete it.
        absent: The same for accounts that the first reading does not show.
        leftover: Project account to the positions of the changes that it was made for, among others.
        outcomes: What is certain, by position.
    """

    accounting: Accounting
    jobs: Jobs
    ownership: Ownership
    standings: Mapping[str, Standing]
    changes: Mapping[int, Change]
    doomed: dict[str, set[int]] = field(default_factory=dict)
    absent: dict[str, set[int]] = field(default_factory=dict)
    leftover: dict[str, set[int]] = field(default_factory=dict)
    outcomes: dict[int, Outcome] = field(default_factory=dict)

    @property
    def before(self) -> Snapshot:
        """The cluster before anything is deleted."""
        return self.ownership.snapshot

    # ------------------------------------------------------------ planning

    def plan(self) -> None:
        """Sort the changes: accounts to delete, accounts that are gone, and what is held. Runs no command."""
        for position, change in self.changes.items():
            standing = self.standings[change.ref.resource_uuid]
            if text := self._reason_to_hold(standing):
                self.outcomes[position] = Outcome(change, OutcomeStatus.HELD, text)
                continue
            if standing.conflict:  # somebody else's account has the name; the resource has none
                self.outcomes[position] = Outcome(change, OutcomeStatus.UNCHANGED)
                continue
            accounts = self.doomed if standing.exists else self.absent
            accounts.setdefault(standing.name, set()).add(position)
            project = self._project_above(standing) if standing.exists else self.ownership.residue(standing)
            if project:
                self.leftover.setdefault(project, set()).add(position)

    def look(self) -> None:
        """Compare with a second reading: what is said to be gone must be, and nothing else may go along.

        Raises:
            NotReady: it could not be read.
        """
        shown = self.accounting.reach({name for name in (*self.doomed, *self.absent) if name})
        for name in list(self.absent):
            if name in shown:
                text = (
                    f"SLURM shows the account {name} in one answer and not in another; asked again in the next cycle"
                )
                self._settle_account(self.absent, name, OutcomeStatus.NOT_READY, text)
        if others := self._others(shown):
            self._hold_what_takes_along(others)

    def _others(self, shown: Collection[str]) -> set[str]:
        return set(shown).difference(self.doomed, self.absent)

    def _hold_what_takes_along(self, others: set[str]) -> None:
        for name in list(self.doomed):
            if along := others.intersection(self.accounting.reach([name])):
                self._settle_account(self.doomed, name, OutcomeStatus.HELD, _damage(name, min(along)))

    def _reason_to_hold(self, standing: Standing) -> str:
        if standing.conflict and standing.ref.backend_id:
            return f"{standing.conflict}; nothing is deleted"
        if not standing.exists:
            return ""
        owner = self.ownership.owners.get(standing.name, "")
        if owner not in {"", standing.ref.resource_uuid}:
            return f"the account {standing.name} is tagged as made for the resource {owner}; nothing is deleted"
        if below := self.before.below(standing.name):
            return f"below the account {standing.name} there is {below}, which would go with it; remove it by hand"
        return ""

    def _project_above(self, standing: Standing) -> str:
        """The account above, if it is the one that the agent made for this project; else empty."""
        names, ref = standing.names, standing.ref
        above = self.before.accounts[standing.name].parent
        if names is None or above != names.project or self.ownership.claims.objection(above, project_of(ref)):
            return ""
        return above if self.ownership.owners.get(above) == ref.project.uuid else ""

    def commands(self) -> list[list[str]]:
        """The commands, as far as they can be known before: for a preview.

        Raises:
            NotReady: the users could not be read.
        """
        commands = []
        if self.doomed:
            commands = removal_commands(self.before.cluster, self.doomed, self.accounting.memberships())
        after = self.before.without(self.doomed)
        empty = [project for project in self.leftover if after.is_empty(project)]
        return [*commands, *delete_accounts(self.before.cluster, empty)]

    # ------------------------------------------------------------ doing

    def run(self) -> None:
        """Do it. Every change has an outcome afterwards; SLURM's failures are outcomes, too."""
        failure: NotReady | None = None
        try:
            self.look()
            failure = self._delete_allocations()
            after = self.accounting.snapshot() if self.doomed else self.before
        except NotReady as error:
            for position in set(self.changes).difference(self.outcomes):
                self.outcomes[position] = not_ready(self.changes[position], failure or error)
            return
        self._settle_allocations(after, failure)
        self._delete_projects(after)

    def _delete_allocations(self) -> NotReady | None:
        try:
            for pause in _PAUSES:
                time.sleep(pause)
                self._end_jobs()
                if not self._jobs_active():
                    return None
        except NotReady as error:
            return error
        names = ", ".join(sorted(self.doomed))
        return NotReady(
            f"slurmdbd still knows of jobs in {names} that slurmctld does not show; if this lasts, look at "
            "'sacctmgr show runawayjobs'",
            expected=True,
        )

    def _end_jobs(self) -> None:
        if not self.doomed:
            return
        for account, number in self.jobs.cancel(self.doomed).items():
            text = f"{number} cancelled job(s) of the account {account} are still ending"
            self._settle_account(self.doomed, account, OutcomeStatus.WAITING, text)

    def _jobs_active(self) -> bool:
        """Delete what is left to delete; true where SLURM refused because of jobs, and so deleted nothing more."""
        if not self.doomed:
            return False
        try:
            for command in removal_commands(self.before.cluster, self.doomed, self.accounting.memberships()):
                self.accounting.change(command)
        except CommandFailed as error:
            if not parser.jobs_active(error.answer.said):
                raise
            return True
        return False

    def _settle_allocations(self, after: Snapshot, failure: NotReady | None) -> None:
        for name in list(self.doomed):
            if name not in after.accounts:
                self._settle_account(self.doomed, name, OutcomeStatus.DONE, "")
            elif failure is None:
                text = f"SLURM still shows the account {name} after deleting it; asked again in the next cycle"
                self._settle_account(self.doomed, name, OutcomeStatus.NOT_READY, text)
            else:
                status = OutcomeStatus.WAITING if failure.expected else OutcomeStatus.NOT_READY
                self._settle_account(self.doomed, name, status, str(failure))
        for name in list(self.absent):
            self._settle_account(self.absent, name, OutcomeStatus.UNCHANGED, "")

    def _settle_account(self, where: dict[str, set[int]], name: str, status: OutcomeStatus, text: str) -> None:
        for position in where.pop(name):
            self.outcomes[position] = Outcome(self.changes[position], status, text)

    def _delete_projects(self, after: Snapshot) -> None:
        """Delete project accounts below which nothing is left, whoever's, neither here nor in a second answer."""
        empty = {project for project, positions in self.leftover.items() if self._may_go(project, positions, after)}
        status, text = OutcomeStatus.DONE, ""
        try:
            for project in sorted(self._reaching_further(empty)):
                empty.discard(project)
                logger.warning("the account %s looks empty, but deleting it would delete others; it stays", project)
            for command in delete_accounts(after.cluster, empty):
                self.accounting.change(command)
        except NotReady as error:
            status, text = OutcomeStatus.NOT_READY, f"its project account could not be deleted: {error}"
        for position in {position for project in empty for position in self.leftover[project]}:
            if position not in self.outcomes or self.outcomes[position].good:
                self.outcomes[position] = Outcome(self.changes[position], status, text)

    def _may_go(self, project: str, positions: Collection[int], after: Snapshot) -> bool:
        gone = any(position not in self.outcomes or self.outcomes[position].good for position in positions)
        return gone and after.is_empty(project)

    def _reaching_further(self, projects: Collection[str]) -> set[str]:
        if self.accounting.reach(projects) <= set(projects):
            return set()
        return {project for project in projects if self.accounting.reach([project]) != {project}}
