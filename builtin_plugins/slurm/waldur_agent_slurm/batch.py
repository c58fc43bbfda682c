"""Carries out a whole plan: read, decide, write, read back. A preview takes the same way up to the writing."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from waldur_agent_hookspecs import Change, CreateAccount, DeleteAccount, NotReady, Outcome, Preview

from .additions import Additions
from .claims import claims_of
from .deletion import Deletion
from .jobs import Jobs
from .limits import KnownTres
from .loadfile import Entry, chunks, in_order, load_file
from .loading import Loading
from .ownership import Ownership, names_in_doubt, names_to_delete, names_to_make
from .revival import mark_moved
from .settling import not_ready, settle
from .tags import owners

if TYPE_CHECKING:
    from waldur_agent_hookspecs import AccountRef

    from .accounting import Accounting
    from .ownership import Standing
    from .settings import SlurmSettings


@dataclass(slots=True)
class Batch:
    """Changes for one cluster, which are read, written and settled together.

    Attributes:
        outcomes: What became of each change, by its position in ``changes``.
    """

    settings: SlurmSettings
    accounting: Accounting
    changes: Sequence[Change]
    outcomes: dict[int, Outcome] = field(default_factory=dict)

    @property
    def jobs(self) -> Jobs:
        """The jobs of the cluster, whose name is known once it was read."""
        return Jobs(self.accounting.client, self.accounting.cluster)

    def apply(self) -> list[Outcome]:
        """Carry the changes out: additions first, then deletions. One outcome each, in their order.

        Raises:
            NotReady: the cluster could not be read to begin with; nothing was done.
        """
        ownership, standings = self._read()
        later = self._add(ownership, standings)
        self._delete(later, standings)
        return [self.outcomes[position] for position in range(len(self.changes))]

    def preview(self) -> Preview:
        """Tell the commands and the jobs at risk, writing nothing.

        Raises:
            NotReady: the cluster, its users or its jobs could not be read.
        """
        ownership, standings = self._read()
        commands: list[str] = []
        additions = self._additions(ownership, standings)
        for chunk in chunks(self._entries(additions, self._of_kind(deletes=False))):
            commands += ["sacctmgr -i load file=LOADFILE", load_file(self.accounting.cluster, chunk).text]
        deletion = self._deletion(ownership, standings)
        at_risk = self.jobs.of(deletion.doomed) if deletion.doomed else {}
        commands += map(shlex.join, self.jobs.scancel_commands(at_risk))
        commands += [shlex.join(["sacctmgr", "-i", *command]) for command in deletion.commands()]
        return Preview(tuple(commands), {account: len(ids) for account, ids in at_risk.items()})

    def _read(self) -> tuple[Ownership, dict[str, Standing]]:
        refs = list({change.ref.resource_uuid: change.ref for change in self.changes}.values())
        snapshot = self.accounting.snapshot(with_tree=bool(self._of_kind(deletes=True)))
        claims = claims_of(refs, self.settings)
        asked = names_in_doubt(refs, claims, snapshot)
        asked |= names_to_make(self._refs(CreateAccount), claims, snapshot)
        asked |= names_to_delete(self._refs(DeleteAccount), claims, snapshot)
        found = self.accounting.descriptions(asked, present=snapshot.accounts)
        ownership = Ownership(snapshot, claims, owners(found))
        return ownership, ownership.standings(refs)

    def _refs(self, kind: type[Change]) -> list[AccountRef]:
        return [change.ref for change in self.changes if isinstance(change, kind)]

    def _of_kind(self, *, deletes: bool) -> dict[int, Change]:
        return {
            position: change
            for position, change in enumerate(self.changes)
            if isinstance(change, DeleteAccount) is deletes
        }

    # ------------------------------------------------------------ additions

    def _additions(self, ownership: Ownership, standings: Mapping[str, Standing]) -> Additions:
        tres = KnownTres(self.accounting.cluster, self.accounting.tres)
        return Additions(self.settings, ownership, standings, tres)

    def _entries(self, additions: Additions, changes: Mapping[int, Change]) -> list[Entry]:
        additions.plan(changes)
        accounts = mark_moved(additions.accounts.values(), self.accounting.deleted_parents)
        return in_order(accounts, additions.members.values())

    def _add(self, ownership: Ownership, standings: Mapping[str, Standing]) -> Ownership | NotReady:
        """Write what a load file can do. Returns what the cluster looks like afterwards, or why that is not known."""
        changes = self._of_kind(deletes=False)
        additions = self._additions(ownership, standings)
        try:
            entries = self._entries(additions, changes)
        except NotReady as error:
            self.outcomes |= {position: not_ready(change, error) for position, change in changes.items()}
            return ownership
        self.outcomes |= additions.outcomes
        if not entries:
            return ownership
        loading = Loading(self.accounting)
        loading.load(entries)
        return self._settle(ownership, additions, loading)

    def _settle(self, ownership: Ownership, additions: Additions, loading: Loading) -> Ownership | NotReady:
        try:
            after = self.accounting.snapshot(with_tree=bool(self._of_kind(deletes=True)))
        except NotReady as error:
            why = loading.failure or error
            self.outcomes |= {place: not_ready(pending.change, why) for place, pending in additions.pending.items()}
            return error
        self.outcomes |= {place: settle(pending, after, loading) for place, pending in additions.pending.items()}
        return replace(ownership, snapshot=after)

    # ------------------------------------------------------------ deletions

    def _deletion(self, ownership: Ownership, standings: Mapping[str, Standing]) -> Deletion:
        deletion = Deletion(self.accounting, self.jobs, ownership, standings, self._of_kind(deletes=True))
        deletion.plan()
        return deletion

    def _delete(self, ownership: Ownership | NotReady, standings: Mapping[str, Standing]) -> None:
        changes = self._of_kind(deletes=True)
        if isinstance(ownership, NotReady):
            self.outcomes |= {position: not_ready(change, ownership) for position, change in changes.items()}
            return
        deletion = self._deletion(ownership, standings)
        if deletion.doomed or deletion.leftover:
            deletion.run()
        self.outcomes |= deletion.outcomes
