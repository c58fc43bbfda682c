"""Carries out a whole plan: read, decide, write, read back. A preview takes the same way up to the writing."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from waldur_agent_hookspecs import (
    AddMember,
    Change,
    CreateAccount,
    DeleteAccount,
    NotReady,
    Outcome,
    Preview,
    RemoveMember,
    SetStatus,
)

from .additions import Additions
from .claims import claims_of
from .deletion import Deletion
from .departures import Departures
from .jobs import Jobs
from .limits import KnownTres
from .loadfile import Entry, chunks, in_order, load_file
from .loading import Loading
from .ownership import Ownership, names_in_doubt, names_to_delete, names_to_make
from .qos import StatusChanges
from .revival import mark_moved
from .settling import not_ready, settle
from .tags import owners

if TYPE_CHECKING:
    from waldur_agent_hookspecs import AccountRef

    from .accounting import Accounting
    from .ownership import Standing
    from .settings import SlurmSettings
    from .snapshot import Snapshot

_Kind = TypeVar("_Kind", bound=Change)


@dataclass(slots=True)
class Batch:
    """Changes for one cluster, which are read, written and settled together.

    Attributes:
        recent: The cluster as it was read just before, if it was.
        outcomes: What became of each change, by its position in ``changes``.
    """

    settings: SlurmSettings
    accounting: Accounting
    changes: Sequence[Change]
    recent: Snapshot | None = None
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
        self._remove(later, standings)
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
        for chunk in chunks(self._entries(additions, self._loaded())):
            commands += ["sacctmgr -i load file=LOADFILE", load_file(self.accounting.cluster, chunk).text]
        writes = self._statuses(ownership, standings).commands()
        departures = self._departures(ownership, standings)
        # What is made in the same batch keeps its project account.
        parents = {name: entry.parent for name, entry in additions.accounts.items() if entry.new}
        deletion = self._deletion(replace(ownership, snapshot=ownership.snapshot.with_children(parents)), standings)
        ended = self.jobs.of_members(departures.leaving) if departures.leaving else {}
        doomed = self.jobs.of(deletion.doomed) if deletion.doomed else {}
        commands += map(shlex.join, self.jobs.scancel_commands([*ended.values(), *doomed.values()]))
        writes += [*departures.commands(), *deletion.commands()]
        commands += [shlex.join(["sacctmgr", "-i", *command]) for command in writes]
        at_risk = Counter({account: len(ids) for account, ids in doomed.items()})
        for (account, _), ids in ended.items():
            at_risk[account] += len(ids)
        return Preview(tuple(commands), at_risk)

    def _read(self) -> tuple[Ownership, dict[str, Standing]]:
        refs = list({change.ref.resource_uuid: change.ref for change in self.changes}.values())
        snapshot = self._known() or self.accounting.snapshot()
        claims = claims_of(refs, self.settings)
        asked = names_in_doubt(refs, claims, snapshot)
        asked |= names_to_make(self._refs(CreateAccount), claims, snapshot)
        asked |= names_to_delete(self._refs(DeleteAccount), claims, snapshot)
        found = self.accounting.descriptions(asked, present=snapshot.accounts)
        ownership = Ownership(snapshot, claims, owners(found))
        return ownership, ownership.standings(refs)

    def _known(self) -> Snapshot | None:
        """What was read just before, where that is enough: members come and go alike on a slightly older view."""
        members_only = all(isinstance(change, AddMember | RemoveMember) for change in self.changes)
        return self.recent if members_only and all(change.ref.backend_id for change in self.changes) else None

    def _refs(self, kind: type[Change]) -> list[AccountRef]:
        return [change.ref for change in self.changes if isinstance(change, kind)]

    def _of_kind(self, kind: type[_Kind]) -> dict[int, _Kind]:
        return {position: change for position, change in enumerate(self.changes) if isinstance(change, kind)}

    def _loaded(self) -> dict[int, Change]:
        """The changes that load files carry out: all that no other part of a batch does."""
        others = (SetStatus, RemoveMember, DeleteAccount)
        return {position: it for position, it in enumerate(self.changes) if not isinstance(it, others)}

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
        changes = self._loaded()
        additions = self._additions(ownership, standings)
        statuses = self._statuses(ownership, standings)
        entries: list[Entry] = []
        try:
            entries = self._entries(additions, changes)
        except NotReady as error:
            self.outcomes |= {position: not_ready(change, error) for position, change in changes.items()}
            additions.pending.clear()
        else:
            self.outcomes |= additions.outcomes
        self.outcomes |= statuses.outcomes
        if not entries and not statuses.pending:
            return ownership
        loading = Loading(self.accounting)
        if entries:
            loading.load(entries)
        statuses.run()
        return self._settle(ownership, additions, loading, statuses)

    def _settle(
        self, ownership: Ownership, additions: Additions, loading: Loading, statuses: StatusChanges
    ) -> Ownership | NotReady:
        try:
            after = self.accounting.snapshot()
        except NotReady as error:
            why = loading.failure or error
            self.outcomes |= {place: not_ready(pending.change, why) for place, pending in additions.pending.items()}
            self.outcomes |= {place: not_ready(statuses.changes[place], error) for place in statuses.pending}
            return error
        self.outcomes |= {place: settle(pending, after, loading) for place, pending in additions.pending.items()}
        self.outcomes |= statuses.settle(after)
        return replace(ownership, snapshot=after)

    def _statuses(self, ownership: Ownership, standings: Mapping[str, Standing]) -> StatusChanges:
        statuses = StatusChanges(self.settings, self.accounting, standings, self._of_kind(SetStatus))
        statuses.plan(ownership.snapshot)
        return statuses

    # ------------------------------------------------------------ members who leave

    def _departures(self, ownership: Ownership, standings: Mapping[str, Standing]) -> Departures:
        changes = self._of_kind(RemoveMember)
        departures = Departures(self.accounting, self.jobs, ownership.snapshot, standings, changes)
        departures.plan()
        return departures

    def _remove(self, ownership: Ownership | NotReady, standings: Mapping[str, Standing]) -> None:
        """Take members out, after all additions."""
        if isinstance(ownership, NotReady):
            changes = self._of_kind(RemoveMember)
            self.outcomes |= {position: not_ready(change, ownership) for position, change in changes.items()}
            return
        departures = self._departures(ownership, standings)
        if departures.leaving:
            departures.run()
        self.outcomes |= departures.outcomes

    # ------------------------------------------------------------ deletions

    def _deletion(self, ownership: Ownership, standings: Mapping[str, Standing]) -> Deletion:
        deletion = Deletion(self.accounting, self.jobs, ownership, standings, self._of_kind(DeleteAccount))
        deletion.plan()
        return deletion

    def _delete(self, ownership: Ownership | NotReady, standings: Mapping[str, Standing]) -> None:
        changes = self._of_kind(DeleteAccount)
        if isinstance(ownership, NotReady):
            self.outcomes |= {position: not_ready(change, ownership) for position, change in changes.items()}
            return
        deletion = self._deletion(ownership, standings)
        deletion.run()
        self.outcomes |= deletion.outcomes
