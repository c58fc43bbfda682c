"""Ends accounts: their jobs, their associations, themselves, and the project account that is left with nothing."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from waldur_agent_hookspecs import Change, NotReady, Outcome, OutcomeStatus

from . import parser
from .claims import project_of
from .client import CommandFailed
from .removal import delete_accounts, removal_commands
from .settling import not_ready
from .tree import taken_along

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
        leftover: Project account to the positions of the changes that it was made for, among others.
        outcomes: What is certain, by position.
    """

    accounting: Accounting
    jobs: Jobs
    ownership: Ownership
    standings: Mapping[str, Standing]
    changes: Mapping[int, Change]
    doomed: dict[str, set[int]] = field(default_factory=dict)
    leftover: dict[str, set[int]] = field(default_factory=dict)
    outcomes: dict[int, Outcome] = field(default_factory=dict)

    @property
    def before(self) -> Snapshot:
        """The cluster before anything is deleted."""
        return self.ownership.snapshot

    # ------------------------------------------------------------ planning

    def plan(self) -> None:
        """Sort the changes into accounts to delete, project accounts to look at, and outcomes. Runs no command."""
        for position, change in self.changes.items():
            standing = self.standings[change.ref.resource_uuid]
            if text := self._reason_to_hold(standing):
                self.outcomes[position] = Outcome(change, OutcomeStatus.HELD, text)
            elif standing.exists:
                self.doomed.setdefault(standing.name, set()).add(position)
                if project := self._project_above(standing):
                    self.leftover.setdefault(project, set()).add(position)
            elif project := self.ownership.residue(standing):
                self.leftover.setdefault(project, set()).add(position)
            else:
                self.outcomes[position] = Outcome(change, OutcomeStatus.UNCHANGED)
        while wrong := taken_along(self.before.nodes, self.doomed):
            for account, other in wrong.items():
                self._settle_account(account, OutcomeStatus.HELD, _damage(account, other))

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
        failure = self._delete_allocations()
        try:
            after = self.accounting.snapshot(with_tree=True)
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
            self._settle_account(account, OutcomeStatus.WAITING, text)

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
        for account in list(self.doomed):
            if account not in after.accounts:
                self._settle_account(account, OutcomeStatus.DONE, "")
            elif failure is None:
                text = f"SLURM still shows the account {account} after deleting it; asked again in the next cycle"
                self._settle_account(account, OutcomeStatus.NOT_READY, text)
            else:
                status = OutcomeStatus.WAITING if failure.expected else OutcomeStatus.NOT_READY
                self._settle_account(account, status, str(failure))

    def _settle_account(self, account: str, status: OutcomeStatus, text: str) -> None:
        for position in self.doomed.pop(account):
            self.outcomes[position] = Outcome(self.changes[position], status, text)

    def _delete_projects(self, after: Snapshot) -> None:
        """Delete project accounts below which ``after``, read when their allocations were gone, shows nothing."""
        empty = {project for project in self.leftover if after.is_empty(project)}
        while wrong := taken_along(after.nodes, empty):
            for project, other in wrong.items():
                logger.warning("%s", _damage(project, other))
                empty.discard(project)
        status, text = OutcomeStatus.DONE, ""
        try:
            for command in delete_accounts(after.cluster, empty):
                self.accounting.change(command)
        except NotReady as error:
            status, text = OutcomeStatus.NOT_READY, f"its project account could not be deleted: {error}"
        for project, positions in self.leftover.items():
            for position in positions:
                self._settle_project(position, project in empty, status, text)

    def _settle_project(self, position: int, was_empty: bool, status: OutcomeStatus, text: str) -> None:  # noqa: FBT001
        change = self.changes[position]
        earlier = self.outcomes.get(position)
        if earlier is None:  # only the project account was left to delete
            earlier = Outcome(change, OutcomeStatus.DONE if was_empty else OutcomeStatus.UNCHANGED)
        self.outcomes[position] = Outcome(change, status, text) if was_empty and earlier.good else earlier
