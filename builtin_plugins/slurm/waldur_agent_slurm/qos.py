"""Sets how far accounts may be used, by their list of QoS: one command for all accounts with the same list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from waldur_agent_hookspecs import AccountStatus, NotReady, Outcome, OutcomeStatus, SetStatus

from .batches import batches
from .settling import not_ready
from .states import account_status

if TYPE_CHECKING:
    from .accounting import Accounting
    from .ownership import Standing
    from .removal import Command
    from .settings import SlurmSettings
    from .snapshot import Snapshot


@dataclass(slots=True)
class StatusChanges:
    """The changes of status in a batch.

    Attributes:
        pending: Account to the status that it shall have, by the position of the change.
        outcomes: What is certain before anything is written, by position.
    """

    settings: SlurmSettings
    accounting: Accounting
    standings: Mapping[str, Standing]
    changes: Mapping[int, SetStatus]
    pending: dict[int, tuple[str, str]] = field(default_factory=dict)
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    failure: NotReady | None = None

    def plan(self, snapshot: Snapshot) -> None:
        """Sort the changes into accounts to set and outcomes. Runs no command."""
        for position, change in self.changes.items():
            standing = self.standings[change.ref.resource_uuid]
            there = snapshot.accounts.get(standing.name)
            key, qos = self._qos(change.status)
            if not standing.exists or there is None:
                text = standing.conflict or f"the account {standing.name} does not exist in SLURM"
                self.outcomes[position] = Outcome(change, OutcomeStatus.FAILED, text)
            elif account_status(there, self.settings) is change.status:
                self.outcomes[position] = Outcome(change, OutcomeStatus.UNCHANGED)
            elif not qos:
                text = f"{standing.name} cannot be set {change.status}: set {key} in backend_settings to a QoS for it"
                self.outcomes[position] = Outcome(change, OutcomeStatus.NOT_READY, text)
            else:
                self.pending[position] = (standing.name, qos)

    def _qos(self, status: AccountStatus) -> tuple[str, str]:
        """The key of the settings, and what it says."""
        settings = self.settings
        return {
            AccountStatus.ACTIVE: ("qos_default", settings.qos_default or ""),
            AccountStatus.DOWNSCALED: ("qos_downscaled", settings.qos_downscaled or ""),
            AccountStatus.PAUSED: ("qos_paused", settings.qos_paused or ""),
        }[status]

    def commands(self) -> list[Command]:
        """The commands. Without DefaultQOS SLURM takes no list that lacks the default, and says that it went well."""
        by_qos: dict[str, set[str]] = defaultdict(set)
        for account, qos in self.pending.values():
            by_qos[qos].add(account)
        return [
            [*("modify", "account", "where"), f"name={','.join(some)}", *self._where(), f"qos={qos}", "DefaultQOS=-1"]
            for qos, accounts in sorted(by_qos.items())
            for some in batches(accounts)
        ]

    def _where(self) -> list[str]:
        return [f"cluster={self.accounting.cluster}", "set"]

    def run(self) -> None:
        """Write; what became of it is told by :meth:`settle`."""
        for command in self.commands():
            try:
                self.accounting.change(command)
            except NotReady as error:
                self.failure = error

    def settle(self, after: Snapshot) -> dict[int, Outcome]:
        """The outcomes of what was written, by what the cluster shows now."""
        outcomes = {}
        for position, (account, qos) in self.pending.items():
            change, there = self.changes[position], after.accounts.get(account)
            if there is not None and set(there.qos) == {qos}:
                outcomes[position] = Outcome(change, OutcomeStatus.DONE)
            elif self.failure is not None:
                outcomes[position] = not_ready(change, self.failure)
            else:
                text = f"SLURM took the QoS {qos} for {account}, but does not show it; asked again in the next cycle"
                outcomes[position] = Outcome(change, OutcomeStatus.NOT_READY, text)
        return outcomes
