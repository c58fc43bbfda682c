"""Takes members out of accounts: their jobs there, their default account, their association."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from waldur_agent_hookspecs import NotReady, Outcome, OutcomeStatus, RemoveMember

from .names import ACCOUNT_NAME, BadNameError, user_name
from .removal import Command, delete_users, set_default
from .snapshot import ROOT

if TYPE_CHECKING:
    from .accounting import Accounting, Membership
    from .jobs import Jobs, Pair
    from .ownership import Standing
    from .snapshot import Snapshot

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Departures:
    """Removes members of a batch together.

    Attributes:
        leaving: Account and user to the positions of the changes that remove that user there.
        outcomes: What is certain, by position.
    """

    accounting: Accounting
    jobs: Jobs
    snapshot: Snapshot
    standings: Mapping[str, Standing]
    changes: Mapping[int, RemoveMember]
    leaving: dict[Pair, set[int]] = field(default_factory=dict)
    outcomes: dict[int, Outcome] = field(default_factory=dict)

    def plan(self) -> None:
        """Sort the changes into members to remove and outcomes. Runs no command."""
        for position, change in self.changes.items():
            standing = self.standings[change.ref.resource_uuid]
            try:
                user = user_name(change.member.username)
            except BadNameError as error:
                self.outcomes[position] = Outcome(change, OutcomeStatus.FAILED, str(error))
                continue
            if standing.conflict:
                self.outcomes[position] = Outcome(change, OutcomeStatus.HELD, standing.conflict)
            elif user not in self.snapshot.members.get(standing.name, {}):
                self.outcomes[position] = Outcome(change, OutcomeStatus.UNCHANGED)
            else:
                self.leaving.setdefault((standing.name, user), set()).add(position)

    def commands(self) -> list[Command]:
        """The commands, as far as they can be known before: for a preview.

        Raises:
            NotReady: the users could not be read.
        """
        if not self.leaving:
            return []
        memberships = self.accounting.memberships()
        return departure_commands(self.accounting.cluster, set(self.leaving), memberships)

    def run(self) -> None:
        """Do it. Every change has an outcome afterwards; SLURM's failures are outcomes, too."""
        failure: NotReady | None = None
        self._end_jobs()
        try:
            memberships = self.accounting.memberships()
            self._hold_administrators(memberships)
            for command in departure_commands(self.accounting.cluster, set(self.leaving), memberships):
                self.accounting.change(command)
        except NotReady as error:
            failure = error
        try:
            after = self.accounting.snapshot() if self.leaving else self.snapshot
        except NotReady as error:
            for pair in list(self.leaving):
                self._settle(pair, OutcomeStatus.NOT_READY, str(failure or error))
            return
        for account, user in list(self.leaving):
            if user not in after.members.get(account, {}):
                self._settle((account, user), OutcomeStatus.DONE, "")
            else:
                text = str(failure or f"SLURM still shows {user} in {account}; asked again in the next cycle")
                self._settle((account, user), OutcomeStatus.NOT_READY, text)

    def _end_jobs(self) -> None:
        """Cancel what the members run there. Where that fails, slurmdbd itself refuses those who have jobs."""
        try:
            still = self.jobs.cancel_of_members(set(self.leaving))
        except NotReady as error:
            logger.warning("Jobs of members who leave could not be cancelled: %s", error)
            return
        for (account, user), number in still.items():
            text = f"{number} cancelled job(s) of {user} in {account} are still ending"
            self._settle((account, user), OutcomeStatus.WAITING, text)

    def _hold_administrators(self, memberships: Sequence[Membership]) -> None:
        """With a user's last association slurmdbd deletes the user, and any rights in it with that."""
        everything: dict[str, set[str]] = defaultdict(set)
        for row in memberships:
            if row.admin:
                everything[row.user].add(row.account)
        for user, accounts in everything.items():
            gone = {account for account, name in self.leaving if name == user}
            if gone and gone >= accounts:
                text = (
                    f"{user} has rights in slurmdbd and would lose them with the last association; remove it by hand"
                )
                for account in gone:
                    self._settle((account, user), OutcomeStatus.HELD, text)

    def _settle(self, pair: Pair, status: OutcomeStatus, text: str) -> None:
        for position in self.leaving.pop(pair):
            self.outcomes[position] = Outcome(self.changes[position], status, text)


def departure_commands(cluster: str, leaving: Collection[Pair], memberships: Sequence[Membership]) -> list[Command]:
    """Tell the ``sacctmgr`` commands, in order, that remove just these associations of users.

    slurmdbd refuses a command that removes a default association together with others, whoever's (see
    :mod:`.removal`). So default accounts move first, to accounts that stay; then go the associations that are no
    default, users with the same ones together; and last the single ones that are.
    """
    rows: dict[str, list[Membership]] = defaultdict(list)
    for row in memberships:
        rows[row.user].append(row)
    ordinary: dict[str, set[str]] = {}
    last: dict[str, str] = {}
    moving: dict[str, set[str]] = {}
    for user in sorted({name for _, name in leaving}):
        mine = {row.account for row in rows[user]}
        lost = {account for account, name in leaving if name == user and account in mine}
        kept = {account for account in mine - lost if ACCOUNT_NAME.fullmatch(account)}
        default = rows[user][0].default_account if rows[user] else ""
        if default in lost and kept:
            moving[user] = kept
        elif default in lost:
            last[user] = default
            lost -= {default}
        if lost:
            ordinary[user] = lost
    return [
        *_new_defaults(cluster, moving),
        *_together(cluster, ordinary),
        *delete_users(cluster, iter(last), sorted(set(last.values()))),
    ]


def _new_defaults(cluster: str, moving: Mapping[str, set[str]]) -> Iterator[Command]:
    """As few different new defaults as a simple choice gives, root last: it has no limits."""
    common = Counter(account for kept in moving.values() for account in kept)
    by_target: dict[str, list[str]] = defaultdict(list)
    for user, kept in moving.items():
        by_target[min(kept, key=lambda account: (account == ROOT, -common[account], account))].append(user)
    for target, users in sorted(by_target.items()):
        yield from set_default(cluster, users, target)


def _together(cluster: str, ordinary: Mapping[str, set[str]]) -> Iterator[Command]:
    """Users who lose the same accounts go in one command: it removes every user from every account in it."""
    by_accounts: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for user, accounts in ordinary.items():
        by_accounts[tuple(sorted(accounts))].append(user)
    for same, users in sorted(by_accounts.items()):
        yield from delete_users(cluster, iter(users), same)
