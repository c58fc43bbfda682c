"""The hooks. Each one looks first and says whether it changed anything, so that it may be called again.

What a hook means, when it is called and what it may raise: the documentation of ``waldur_agent_hookspecs.specs``.
Leave out what your system cannot do: a plugin can what it implements.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from waldur_agent_hookspecs import (
    AccountRef,
    AccountState,
    AccountStatus,
    BackendError,
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
    Review,
    Usage,
    Verdict,
    hookimpl,
)

from .client import Account, Client
from .names import candidates
from .settings import Settings
from .usage import usage_of

Accounts = Mapping[str, Account]


class {{ cookiecutter.__class }}:
    """One instance serves one offering. It keeps nothing between two calls: the system knows."""

    api_version: ClassVar[int] = 1
    settings_model: ClassVar[type[Settings]] = Settings

    def __init__(self, settings: Settings, context: PluginContext) -> None:
        self._settings = settings
        self._client = Client(settings.address, read_only=context.read_only)

    # ------------------------------------------------------------ before anything is done

    @hookimpl
    def review_order(self, order: Order) -> Review:
        """Say no to what can never be named, while the customer can still change it."""
        try:
            if order.type is OrderType.CREATE:
                next(candidates(self._settings.prefix, order.ref))
        except NotReady as reason:
            return Review(Verdict.WAIT, str(reason))
        except BackendError as reason:
            return Review(Verdict.REJECT, str(reason))
        return Review(Verdict.ACCEPT)

    # ------------------------------------------------------------ reading

    @hookimpl
    def list_accounts(self, refs: Sequence[AccountRef]) -> Mapping[str, AccountState]:
        """Read everything once, and answer for every account that was asked for."""
        accounts = self._client.accounts()
        tags = {account.tag: account for account in accounts.values() if account.tag}
        return {ref.resource_uuid: self._state(ref, accounts, tags) for ref in refs}

    def _state(self, ref: AccountRef, accounts: Accounts, tags: Accounts) -> AccountState:
        account = _own(ref, accounts, tags)
        if account is None:
            return self._absent(ref, accounts)
        return AccountState(
            exists=True,
            backend_id=account.name,
            members={username: {} for username in account.members},
            limits=account.limits,
            status=account.status,
        )

    def _absent(self, ref: AccountRef, accounts: Accounts) -> AccountState:
        try:
            names = [ref.backend_id] if ref.backend_id else list(candidates(self._settings.prefix, ref))
        except PluginError:
            return AccountState(exists=False)  # why it cannot have a name, create_account will say
        free = [name for name in names if name not in accounts]
        if not free:
            return AccountState(exists=False, conflict=_in_the_way(names[0]))
        return AccountState(exists=False, backend_id=free[0])  # what it would be called, for `waldur-agent plan`

    @hookimpl
    def collect_usage(self, refs: Sequence[AccountRef], period: Period) -> Mapping[str, Usage]:
        """Read all jobs of the period once. An account that is not there is left out, an idle one is empty."""
        accounts = self._client.accounts()
        tags = {account.tag: account for account in accounts.values() if account.tag}
        jobs = self._client.jobs(period.start, period.end)
        own = {ref.resource_uuid: _own(ref, accounts, tags) for ref in refs}
        return {
            uuid: usage_of((job for job in jobs if job.account == account.name), period)
            for uuid, account in own.items()
            if account
        }

    # ------------------------------------------------------------ accounts

    @hookimpl
    def create_account(self, ref: AccountRef) -> str:
        """Make the account and tag it: the tag is how it is known again, whatever it is called."""
        if account := self._find(ref):
            return account.name
        for name in candidates(self._settings.prefix, ref):
            if self._client.create(Account(name, ref.resource_uuid, ref.name)):
                return name
            if account := self._find(ref):  # another process of the agent made it since we looked
                return account.name
        raise BackendError(_in_the_way(name))

    @hookimpl
    def set_limits(self, ref: AccountRef, change: LimitChange) -> bool:
        """Set the wanted components; those that are not named keep their limits, and 0 is a limit."""
        return self._client.set_limits(self._existing(ref).name, change.wanted)

    @hookimpl
    def set_status(self, ref: AccountRef, status: AccountStatus) -> bool:
        """Let the members work, work less, or not at all."""
        return self._client.set_status(self._existing(ref).name, status)

    @hookimpl
    def delete_account(self, ref: AccountRef) -> bool:
        """Remove the resource's own account; one of somebody else stays, whatever it is called."""
        account = self._find(ref)
        if account:
            self._client.delete(account.name)
        elif ref.backend_id in self._client.accounts():
            raise BackendError(_in_the_way(ref.backend_id))
        return account is not None

    # ------------------------------------------------------------ members

    @hookimpl
    def add_member(self, ref: AccountRef, member: Member) -> bool:
        """Let the person use the account."""
        return self._client.add_member(self._existing(ref).name, member.username)

    @hookimpl
    def remove_member(self, ref: AccountRef, member: Member) -> bool:
        """Take the person's use of the account away."""
        return self._client.remove_member(self._existing(ref).name, member.username)

    # ------------------------------------------------------------ health

    @hookimpl
    def check_health(self) -> Sequence[Health]:
        """What ``waldur-agent check`` shows."""
        try:
            count = len(self._client.accounts())
        except NotReady as reason:
            # TODO: how an administrator mends it.
            return [Health("{{ cookiecutter.plugin_name }}", HealthStatus.BAD, str(reason), "start it")]
        return [Health("{{ cookiecutter.plugin_name }}", HealthStatus.GOOD, f"{count} accounts")]

    # ------------------------------------------------------------ whose is it?

    def _find(self, ref: AccountRef) -> Account | None:
        accounts = self._client.accounts()
        return _own(ref, accounts, {account.tag: account for account in accounts.values() if account.tag})

    def _existing(self, ref: AccountRef) -> Account:
        if account := self._find(ref):
            return account
        raise NotReady(f"there is no account of resource {ref.resource_uuid} ({ref.slug}) any more")


def _own(ref: AccountRef, accounts: Accounts, tags: Accounts) -> Account | None:
    """The account that bears the resource's tag; or one without any tag whose name Waldur carries."""
    carried = accounts.get(ref.backend_id)
    return tags.get(ref.resource_uuid) or (carried if carried and not carried.tag else None)


def _in_the_way(name: str) -> str:
    return f"account {name!r} is there already and belongs to somebody else; rename or remove one of the two"
