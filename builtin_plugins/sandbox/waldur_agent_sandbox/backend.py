"""The hooks. Each is one transaction; the modules beside this one do the work.

What to take from here for a plugin of your own:

- the constructor keeps what it is given and touches nothing;
- every hook that writes may be called again after a crash: it looks first, and says whether it changed anything;
- whatever keeps the backend from being read is ``NotReady`` (see ``storage``), never an empty answer;
- ``BackendError`` is for what this backend will never do for this object, with a text that the customer can read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from sqlite3 import Connection
from typing import ClassVar

from waldur_agent_hookspecs import (
    AccountRef,
    AccountState,
    AccountStatus,
    BackendError,
    Change,
    Component,
    ComponentRule,
    Health,
    HealthStatus,
    LimitChange,
    Member,
    NotReady,
    Order,
    OrderType,
    Period,
    PluginContext,
    PluginError,
    Preview,
    Review,
    Usage,
    Verdict,
    hookimpl,
)

from . import accounts, jobs, limits, members, names, preview
from .settings import SandboxSettings
from .storage import Cluster


class SandboxPlugin:
    """A complete account backend: every hook about accounts, members, limits and usage, each on its own.

    It leaves ``apply_changes`` out on purpose, so the agent fires the single hooks.
    """

    api_version: ClassVar[int] = 1
    settings_model: ClassVar[type[SandboxSettings]] = SandboxSettings

    def __init__(self, settings: SandboxSettings, context: PluginContext) -> None:
        self._settings = settings
        self._cluster = Cluster(settings.database, read_only=context.read_only, wait_seconds=settings.wait_seconds)

    @hookimpl
    def describe_components(self, configured: Mapping[str, Component]) -> Mapping[str, ComponentRule]:
        """Serve every component as it is configured, in whole backend units."""
        return {name: ComponentRule(factor=component.unit_factor) for name, component in configured.items()}

    @hookimpl
    def review_order(self, order: Order) -> Review:
        """Accept what can be named: after the approval it would be too late to say no."""
        if order.type is not OrderType.CREATE:
            return Review(Verdict.ACCEPT)
        try:
            names.allocation_names(self._settings, order.ref)
        except NotReady as reason:
            return Review(Verdict.WAIT, str(reason))
        except BackendError as reason:
            return Review(Verdict.REJECT, str(reason))
        return Review(Verdict.ACCEPT)

    @hookimpl
    def list_accounts(self, refs: Sequence[AccountRef]) -> Mapping[str, AccountState]:
        """Look each account up, all in one view of the file.

        These look-ups cost microseconds. Where each would be a command or a request, ask once for everything.
        """
        with self._cluster.reading() as db:
            return {ref.resource_uuid: self._state(db, ref) for ref in refs}

    def _state(self, db: Connection, ref: AccountRef) -> AccountState:
        account = accounts.find_own(db, ref)
        if account is None:
            return self._absent(db, ref)
        return AccountState(
            exists=True,
            backend_id=account.name,
            members=members.list_members(db, account.name),
            limits=limits.read(db, account.name),
            status=account.status,
            metadata=_metadata(account),
        )

    def _absent(self, db: Connection, ref: AccountRef) -> AccountState:
        try:
            candidates = names.allocation_names(self._settings, ref)
        except PluginError:
            return AccountState(exists=False)  # it is certainly not there; why it has no name, creating it will say
        try:
            return AccountState(exists=False, backend_id=accounts.free_name(db, candidates))
        except BackendError as taken:
            return AccountState(exists=False, conflict=str(taken))

    @hookimpl
    def collect_usage(self, refs: Sequence[AccountRef], period: Period) -> Mapping[str, Usage]:
        """Add up the jobs, each cut to the period, in minutes of each component."""
        with self._cluster.reading() as db:
            found = {ref.resource_uuid: accounts.find_own(db, ref) for ref in refs}
            return {uuid: jobs.usage(db, account.name, period) for uuid, account in found.items() if account}

    @hookimpl
    def account_metadata(self, ref: AccountRef) -> Mapping[str, str]:
        """Show the account's parent."""
        with self._cluster.reading() as db:
            return _metadata(accounts.require_own(db, ref))

    @hookimpl
    def preview_changes(self, changes: Sequence[Change]) -> Preview:
        """Show one line for each change: a database in this process has no commands."""
        with self._cluster.reading() as db:
            return preview.preview(db, self._settings, changes)

    @hookimpl
    def create_account(self, ref: AccountRef) -> str:
        """Make the account, its project's and its customer's, each tagged with the UUID that it is for."""
        with self._cluster.writing() as db:
            return accounts.create(db, self._settings, ref)

    @hookimpl
    def set_limits(self, ref: AccountRef, change: LimitChange) -> bool:
        """Set the wanted components; the others keep their limits."""
        with self._cluster.writing() as db:
            return limits.write(db, accounts.require_own(db, ref).name, change.wanted)

    @hookimpl
    def set_status(self, ref: AccountRef, status: AccountStatus) -> bool:
        """Keep the status; the sandbox's jobs run all the same."""
        with self._cluster.writing() as db:
            return accounts.set_status(db, accounts.require_own(db, ref), status)

    @hookimpl
    def delete_account(self, ref: AccountRef) -> bool:
        """Remove the account and its jobs; the project's account with the last one in it."""
        with self._cluster.writing() as db:
            return accounts.delete(db, ref)

    @hookimpl
    def add_member(self, ref: AccountRef, member: Member) -> bool:
        """Let the person in. Anybody may be a member: the sandbox has no operating system to ask."""
        with self._cluster.writing() as db:
            return members.add(db, accounts.require_own(db, ref).name, member.username)

    @hookimpl
    def remove_member(self, ref: AccountRef, member: Member) -> bool:
        """Take the person out and end the person's jobs."""
        with self._cluster.writing() as db:
            return members.remove(db, accounts.require_own(db, ref).name, member.username)

    @hookimpl
    def set_member_limits(self, ref: AccountRef, member: Member, change: LimitChange) -> bool:
        """Set the wanted components and free those that are only in ``previous``."""
        with self._cluster.writing() as db:
            account = accounts.require_own(db, ref).name
            members.require(db, account, member.username)
            freed = change.previous.keys() - change.wanted.keys()
            return limits.write(db, account, change.wanted, username=member.username, freed=freed)

    @hookimpl
    def check_health(self) -> Sequence[Health]:
        """Open the file and let SQLite check it."""
        database = str(self._cluster.database)
        try:
            with self._cluster.reading() as db:
                answer = str(db.execute("PRAGMA quick_check(1)").fetchone()[0])
                count = db.execute("SELECT count(*) FROM accounts").fetchone()[0]
        except NotReady as reason:
            remedy = f"python -m waldur_agent_sandbox init {database}"
            return [Health("sandbox", HealthStatus.BAD, str(reason), remedy)]
        if answer != "ok":
            return [Health("sandbox", HealthStatus.BAD, f"{database}: {answer}", "restore the file from a copy")]
        return [Health("sandbox", HealthStatus.GOOD, f"{database}: {count} accounts")]


def _metadata(account: accounts.Account) -> Mapping[str, str]:
    return {"parent": account.parent} if account.parent else {}
