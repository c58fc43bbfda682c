"""The plugin: answers the agent's questions about accounts, funds and deposits of the Moab Accounting Manager."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import ClassVar, Final

from waldur_agent_hookspecs import (
    API_VERSION,
    AccountRef,
    AccountState,
    AddMember,
    Change,
    Component,
    ComponentRule,
    CreateAccount,
    DeleteAccount,
    Health,
    LimitChange,
    Member,
    NotReady,
    Order,
    Outcome,
    Period,
    PluginContext,
    Preview,
    RemoveMember,
    Review,
    SetLimits,
    Usage,
    Verdict,
    hookimpl,
)
from waldur_agent_hookspecs.commands import lock_directory, locked

from .accounting import Accounting, Release
from .batch import Batch
from .client import MamClient
from .health import health
from .reading import account_states, read
from .review import review
from .settings import COMPONENT, MoabSettings
from .usage import Window, usage_of

logger = logging.getLogger(__name__)

STEP: Final = Decimal("0.000001")
"""Amounts go to MAM as they are given; this is far below what any currency has."""

_REASON: Final = "asked for by itself"


class MoabPlugin:
    """Accounts of projects and, within them, of resources, each with a fund into which orders deposit.

    Attributes:
        members_are_os_users: False: whoever may use an account is MAM's to know, and no homes are made.
    """

    api_version: ClassVar[int] = API_VERSION
    settings_model: ClassVar[type[MoabSettings]] = MoabSettings
    members_are_os_users: ClassVar[bool] = False

    def __init__(self, settings: MoabSettings, context: PluginContext) -> None:
        self._settings = settings
        self._context = context
        self._client = MamClient(settings.moab_bin_path)
        self._release = Release()
        # Orders that this process saw before they were approved: nothing can have been deposited for them.
        self._fresh: set[str] = set()

    # ------------------------------------------------------------ reading

    @hookimpl
    def describe_components(self, configured: Mapping[str, Component]) -> Mapping[str, ComponentRule]:
        """Serve the deposit alone, in the currency of the site; a configured factor does not count."""
        if others := tuple(sorted(set(configured) - {COMPONENT})):
            _tell_ignored(self._context.offering, others)
        return {COMPONENT: ComponentRule(factor=Decimal(1), step=STEP)} if COMPONENT in configured else {}

    @hookimpl
    def review_order(self, order: Order) -> Review:
        """Look at names, and remember that the order is new."""
        answer = review(order, self._settings)
        if answer.verdict is Verdict.ACCEPT:
            self._fresh.add(order.uuid.lower())
        return answer

    @hookimpl
    def list_accounts(self, refs: Sequence[AccountRef]) -> Mapping[str, AccountState]:
        """One command lists all accounts; their users come with them, or one command for each account."""
        accounting = self._accounting()
        return account_states(accounting, read(accounting, refs, self._settings))

    @hookimpl
    def collect_usage(self, refs: Sequence[AccountRef], period: Period) -> Mapping[str, Usage]:
        """Add up the charges of usage records."""
        accounting = self._accounting()
        standings = read(accounting, refs, self._settings).standings
        names = {uuid: standing.account.name for uuid, standing in standings.items() if standing.account}
        window = Window.of(period, str(period.start.tzinfo) if _is_named(period) else self._context.timezone)
        usage = usage_of(accounting, names.values(), window)
        return {uuid: usage[name] for uuid, name in names.items()}

    @hookimpl
    def preview_changes(self, changes: Sequence[Change]) -> Preview:
        """Say what :meth:`apply_changes` would run; MAM ends no jobs."""
        if not changes:
            return Preview()
        commands: list[str] = []
        batch = Batch(Accounting(self._client, self._release, commands), self._settings, changes, set(self._fresh))
        problems = [f"# {outcome.text}" for outcome in batch.apply() if not outcome.good]
        return Preview((*commands, *dict.fromkeys(problems)))

    @hookimpl
    def check_health(self) -> Sequence[Health]:
        """Look at the commands, at MAM and at whether deposits can be read back."""
        return health(self._accounting())

    # ------------------------------------------------------------ writing

    @hookimpl
    def apply_changes(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        """Carry out a plan under the lock."""
        if not changes:
            return []
        if self._context.read_only:
            raise NotReady("the agent only shows what it would do: nothing is written to MAM")
        with self._locked() as accounting:
            return Batch(accounting, self._settings, changes, self._fresh).apply()

    @hookimpl
    def create_account(self, ref: AccountRef) -> str:
        """Make the account, its project's, and their funds."""
        (outcome,) = self.apply_changes([CreateAccount(ref=ref, reason=_REASON)])
        outcome.settled()
        return outcome.backend_id

    @hookimpl
    def set_limits(self, ref: AccountRef, change: LimitChange) -> bool:
        """Deposit the difference, once."""
        return self._settled(SetLimits(ref=ref, reason=_REASON, limits=change))

    @hookimpl
    def delete_account(self, ref: AccountRef) -> bool:
        """Delete the account with its fund, and its project's if nothing belongs to it then."""
        return self._settled(DeleteAccount(ref=ref, reason=_REASON))

    @hookimpl
    def add_member(self, ref: AccountRef, member: Member) -> bool:
        """Let one user in."""
        return self._settled(AddMember(ref=ref, reason=_REASON, member=member))

    @hookimpl
    def remove_member(self, ref: AccountRef, member: Member) -> bool:
        """Take one user out."""
        return self._settled(RemoveMember(ref=ref, reason=_REASON, member=member))

    def _settled(self, change: Change) -> bool:
        (outcome,) = self.apply_changes([change])
        return outcome.settled()

    # ------------------------------------------------------------ parts

    def _accounting(self) -> Accounting:
        return Accounting(self._client, self._release)

    @contextmanager
    def _locked(self) -> Iterator[Accounting]:
        # One per directory of commands, and so one per MAM. A deposit that is still under way is waited for.
        folder = str(Path(self._client.find("mam-list-accounts")).resolve().parent)
        name = hashlib.sha256(folder.encode()).hexdigest()[:16]
        with locked(lock_directory("moab"), name, what="MAM") as descriptor:
            yield Accounting(self._client, self._release, hold=(descriptor,))


def _is_named(period: Period) -> bool:
    return hasattr(period.start.tzinfo, "key")


@cache
def _tell_ignored(offering: str, names: tuple[str, ...]) -> None:
    """Once per process, as it is asked in every cycle."""
    logger.warning("%s: MOAB serves the component %s alone; ignored: %s", offering, COMPONENT, ", ".join(names))
