"""Plans what a load file can do: making accounts, setting limits, adding members. Changes nothing itself."""

from __future__ import annotations

import pwd
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from waldur_agent_hookspecs import (
    AddMember,
    Change,
    CreateAccount,
    Outcome,
    OutcomeStatus,
    SetLimits,
    SetMemberLimits,
)

from .limits import FREE, KnownTres, limit_problem
from .loadfile import AccountEntry, MemberEntry
from .names import AccountNames, BadNameError, user_name
from .tags import description

if TYPE_CHECKING:
    from waldur_agent_hookspecs import AccountRef, Limits

    from .ownership import Ownership, Standing
    from .settings import SlurmSettings
    from .snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Pending:
    """A change that needs the entry with this key, and what must be seen afterwards.

    Attributes:
        limits: For :class:`~waldur_agent_hookspecs.SetLimits` the limits that were written.
        user: For :class:`~waldur_agent_hookspecs.AddMember` the user's name as SLURM has it.
    """

    change: Change
    key: str
    account: str
    limits: Limits = field(default_factory=dict)
    user: str = ""


@dataclass(slots=True)
class Additions:
    """Turns changes into entries of load files.

    Attributes:
        accounts: Accounts to be made or to get limits, by name.
        members: Members to be added.
        outcomes: What is certain before anything is written, by the position of the change.
        pending: What has to be seen after the writing, by position.
    """

    settings: SlurmSettings
    ownership: Ownership
    standings: Mapping[str, Standing]
    tres: KnownTres
    accounts: dict[str, AccountEntry] = field(default_factory=dict)
    members: dict[str, MemberEntry] = field(default_factory=dict)
    pending: dict[int, Pending] = field(default_factory=dict)
    outcomes: dict[int, Outcome] = field(default_factory=dict)

    @property
    def snapshot(self) -> Snapshot:
        """The cluster before anything is added."""
        return self.ownership.snapshot

    def plan(self, changes: Mapping[int, Change]) -> None:
        """Find out what has to be loaded for the changes, given by position.

        Raises:
            NotReady: the TRES of the cluster had to be read and could not be.
        """
        for position, change in changes.items():
            planned = self._plan(change, self.standings[change.ref.resource_uuid])
            if isinstance(planned, Outcome):
                self.outcomes[position] = planned
            else:
                self.pending[position] = planned

    def _plan(self, change: Change, standing: Standing) -> Pending | Outcome:
        if objection := self._objection(change, standing):
            return objection
        match change:
            case CreateAccount():
                return self._create(change, standing)
            case SetLimits():
                return self._set_limits(change, standing.name)
            case AddMember():
                return self._add_member(change, standing.name)
            case SetMemberLimits():
                return self._set_member_limits(change, standing.name)
        return Outcome(change, OutcomeStatus.NOT_READY, f"the SLURM plugin does not carry out {change.kind}")

    def _objection(self, change: Change, standing: Standing) -> Outcome | None:
        """Why nothing can be done on that account at all. One that is not there shares its creation's lot."""
        if standing.conflict:
            return Outcome(change, OutcomeStatus.FAILED, standing.conflict)
        if standing.waiting:
            return Outcome(change, OutcomeStatus.NOT_READY, standing.waiting)
        if standing.exists or standing.name in self.accounts or isinstance(change, CreateAccount):
            return None
        for earlier in self.outcomes.values():
            if isinstance(earlier.change, CreateAccount) and earlier.change.ref == change.ref:
                return Outcome(change, earlier.status, earlier.text)
        text = f"the account {standing.name} does not exist in SLURM, so that nothing can be set on it"
        return Outcome(change, OutcomeStatus.FAILED, text)

    # ------------------------------------------------------------ accounts

    def _create(self, change: CreateAccount, standing: Standing) -> Pending | Outcome:
        if standing.exists:
            return Outcome(change, OutcomeStatus.UNCHANGED, backend_id=standing.name)
        if standing.names is None:
            problem = self.ownership.claims.problems[change.ref.resource_uuid]
            return Outcome(change, OutcomeStatus.NOT_READY, f"nothing can be made above {standing.name}: {problem}")
        if objection := self.ownership.objection_to_make(standing, standing.names):
            return Outcome(change, OutcomeStatus.FAILED, objection)
        if standing.name not in self.accounts:
            self._make(standing.name, standing.names, change.ref)
        return Pending(change, standing.name, standing.name)

    def _make(self, name: str, names: AccountNames, ref: AccountRef) -> None:
        if names.project not in self.snapshot.accounts:
            top, customer, project = self.settings.default_account, ref.customer, ref.project
            self._make_parent(names.customer, top, description(customer.name, customer.uuid), names.customer)
            self._make_parent(names.project, names.customer, description(project.name, project.uuid), names.customer)
        text = description(ref.name, ref.resource_uuid)
        self.accounts[name] = AccountEntry(name, names.project, text, organization=names.project)

    def _make_parent(self, name: str, parent: str, text: str, organization: str) -> None:
        """Make an account above allocations, unless it is there: then it stays where and as it is."""
        if name not in self.snapshot.accounts and name not in self.accounts:
            # slurmdbd may know the name from another cluster: what it is called there is not ours to change.
            known = name in self.ownership.owners
            self.accounts[name] = AccountEntry(name, parent, "" if known else text, organization)

    # ------------------------------------------------------------ limits

    def _set_limits(self, change: SetLimits, account: str) -> Pending | Outcome:
        if problem := limit_problem(change.limits.wanted):
            return Outcome(change, OutcomeStatus.FAILED, problem)
        there = self.snapshot.accounts.get(account)
        present = there.limits if there else {}
        differing = {name: amount for name, amount in change.limits.wanted.items() if present.get(name) != amount}
        differing = self.tres.only_known(differing) if differing else {}
        if not differing:
            return Outcome(change, OutcomeStatus.UNCHANGED)
        entry = self.accounts.get(account) or AccountEntry(account, self.snapshot.accounts[account].parent, new=False)
        self.accounts[account] = replace(entry, limits={**entry.limits, **differing})
        return Pending(change, account, account, limits=differing)

    # ------------------------------------------------------------ members

    def _add_member(self, change: AddMember, account: str) -> Pending | Outcome:
        try:
            user = user_name(change.member.username)
        except BadNameError as error:
            return Outcome(change, OutcomeStatus.FAILED, str(error))
        if user in self.snapshot.members.get(account, {}):
            return Outcome(change, OutcomeStatus.UNCHANGED)
        if self.settings.require_os_user and not _os_knows(user):
            text = f"the operating system does not know the user {user} yet (require_os_user); added once it does"
            return Outcome(change, OutcomeStatus.WAITING, text)
        entry = MemberEntry(user, account)
        self.members[entry.key] = entry
        return Pending(change, entry.key, account, user=user)

    def _set_member_limits(self, change: SetMemberLimits, account: str) -> Pending | Outcome:
        wanted = change.limits.wanted
        if problem := limit_problem(wanted):
            return Outcome(change, OutcomeStatus.FAILED, problem)
        try:
            user = user_name(change.member.username)
        except BadNameError as error:
            return Outcome(change, OutcomeStatus.FAILED, str(error))
        key = MemberEntry(user, account).key
        if user not in self.snapshot.members.get(account, {}) and key not in self.members:
            return Outcome(change, OutcomeStatus.WAITING, f"{user} is not in the account {account} yet")
        present = self.snapshot.member_limits(account).get(user, {})
        differing = {name: amount for name, amount in wanted.items() if present.get(name) != amount}
        freed = {name: FREE for name in present if name in change.limits.previous and name not in wanted}
        setting = {**(self.tres.only_known(differing) if differing else {}), **freed}
        if not setting:
            return Outcome(change, OutcomeStatus.UNCHANGED)
        self.members[key] = MemberEntry(user, account, setting)
        return Pending(change, key, account, limits=setting, user=user)


def _os_knows(user: str) -> bool:
    """Whether the operating system knows a user, asked as slurmctld asks it."""
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True
