"""The hooks, each one call of the site's program."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final, Self

from waldur_agent_hookspecs import (
    AccountRef,
    AccountState,
    AccountStatus,
    Change,
    Component,
    ComponentRule,
    Health,
    LimitChange,
    Member,
    NotReady,
    Order,
    Outcome,
    Period,
    PluginContext,
    Preview,
    Review,
    Usage,
    User,
    hookimpl,
)

from . import health
from .client import Ended, Program
from .messages import request
from .parser import NotUnderstood, read_answer
from .settings import ExecSettings
from .signatures import HOOKS, WRITING, ChangeOutcome

log = logging.getLogger(__name__)

_MOST_LINES: Final = 200
_LONGEST_LINE: Final = 500


class ExecPlugin:
    """Asks one program everything that the settings list under ``hooks``.

    Nothing is kept between two calls: whatever the program has to remember is the program's to keep.
    """

    api_version: ClassVar[int] = 1
    settings_model: ClassVar[type[ExecSettings]] = ExecSettings

    def __new__(cls, settings: ExecSettings, context: PluginContext) -> Self:  # noqa: ARG004 - see __init__
        """An instance of a class of its own, in which the hooks that are not listed are None: it cannot do those.

        ``check_health`` stays: it is answered here, and by the program as well where it is listed.
        """
        left_out = set(HOOKS) - {*settings.hooks, "check_health"}
        narrowed: type[Self] = type(cls.__name__, (cls,), dict.fromkeys(left_out))
        return super().__new__(narrowed)

    def __init__(self, settings: ExecSettings, context: PluginContext) -> None:
        self._settings = settings
        self._context = context
        self._program = Program(settings.command, settings.environment, settings.timeout_seconds)

    # ------------------------------------------------------------ before anything is done

    @hookimpl
    def describe_components(self, configured: Mapping[str, Component]) -> Mapping[str, ComponentRule]:
        """Ask which of the configured components are served."""
        rules: Mapping[str, ComponentRule] = self._ask("describe_components", configured=configured)
        return rules

    @hookimpl
    def review_order(self, order: Order) -> Review:
        """Ask whether the order can be carried out."""
        review: Review = self._ask("review_order", order=order)
        return review

    # ------------------------------------------------------------ reading

    @hookimpl
    def list_accounts(self, refs: Sequence[AccountRef]) -> Mapping[str, AccountState]:
        """Ask for all accounts in one call."""
        states: Mapping[str, AccountState] = self._ask("list_accounts", refs=refs)
        return states

    @hookimpl
    def collect_usage(self, refs: Sequence[AccountRef], period: Period) -> Mapping[str, Usage]:
        """Ask for all accounts in one call."""
        usage: Mapping[str, Usage] = self._ask("collect_usage", refs=refs, period=period)
        return usage

    @hookimpl
    def account_metadata(self, ref: AccountRef) -> Mapping[str, str]:
        """Ask what to show."""
        metadata: Mapping[str, str] = self._ask("account_metadata", ref=ref)
        return metadata

    @hookimpl
    def preview_changes(self, changes: Sequence[Change]) -> Preview:
        """Ask which commands would run."""
        preview: Preview = self._ask("preview_changes", changes=changes)
        return preview

    # ------------------------------------------------------------ accounts

    @hookimpl
    def apply_changes(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        """Hand over the whole plan; each outcome comes back with its change's number."""
        outcomes: Sequence[ChangeOutcome] = self._ask("apply_changes", changes=changes)
        try:
            return [
                Outcome(changes[_place(it, changes)], it.status, text=it.text, backend_id=it.backend_id)
                for it in outcomes
            ]
        except NotUnderstood as reason:
            raise self._not_understood("apply_changes", reason) from reason

    @hookimpl
    def create_account(self, ref: AccountRef) -> str:
        """Have the account made."""
        backend_id: str = self._ask("create_account", ref=ref)
        return backend_id

    @hookimpl
    def set_limits(self, ref: AccountRef, change: LimitChange) -> bool:
        """Have the limits set."""
        return self._changed("set_limits", ref=ref, change=change)

    @hookimpl
    def set_status(self, ref: AccountRef, status: AccountStatus) -> bool:
        """Have the status set."""
        return self._changed("set_status", ref=ref, status=status)

    @hookimpl
    def delete_account(self, ref: AccountRef) -> bool:
        """Have the account removed."""
        return self._changed("delete_account", ref=ref)

    # ------------------------------------------------------------ members

    @hookimpl
    def add_member(self, ref: AccountRef, member: Member) -> bool:
        """Have the person let in."""
        return self._changed("add_member", ref=ref, member=member)

    @hookimpl
    def remove_member(self, ref: AccountRef, member: Member) -> bool:
        """Have the person taken out."""
        return self._changed("remove_member", ref=ref, member=member)

    @hookimpl
    def set_member_limits(self, ref: AccountRef, member: Member, change: LimitChange) -> bool:
        """Have the member's own limits set."""
        return self._changed("set_member_limits", ref=ref, member=member, change=change)

    # ------------------------------------------------------------ names

    @hookimpl
    def find_username(self, user: User) -> str:
        """Ask for the name that the person has."""
        name: str = self._ask("find_username", user=user)
        return name

    @hookimpl
    def generate_username(self, user: User, taken: frozenset[str]) -> str:
        """Ask for a new name."""
        name: str = self._ask("generate_username", user=user, taken=taken)
        return name

    @hookimpl
    def prepare_users(self, members: Sequence[Member]) -> Mapping[str, str]:
        """Have users made ready."""
        reasons: Mapping[str, str] = self._ask("prepare_users", members=members)
        return reasons

    # ------------------------------------------------------------ health and notices

    @hookimpl
    def check_health(self) -> Sequence[Health]:
        """Whether the program is there and serves what it is to serve; then what it says of itself."""
        return health.check(self._program, self._settings.hooks, self._ask)

    @hookimpl
    def members_synced(self, ref: AccountRef, members: Sequence[Member]) -> None:
        """Tell the program."""
        self._tell("members_synced", ref=ref, members=members)

    @hookimpl
    def hook_finished(self, outcome: Outcome) -> None:
        """Tell the program."""
        self._tell("hook_finished", outcome=outcome)

    # ------------------------------------------------------------ one call

    def _changed(self, hook: str, **arguments: Any) -> bool:
        changed: bool = self._ask(hook, **arguments)
        return changed

    def _tell(self, hook: str, **arguments: Any) -> None:
        if not self._context.read_only:
            self._call(hook, arguments)

    def _ask(self, hook: str, **arguments: Any) -> Any:
        if self._context.read_only and hook in WRITING:
            raise NotReady(f"{self._program} was not asked {hook}: nothing may be changed now (read_only)")
        output = self._call(hook, arguments).output
        try:
            return read_answer(hook, output)
        except NotUnderstood as reason:
            raise self._not_understood(hook, reason) from reason

    def _call(self, hook: str, arguments: Mapping[str, Any]) -> Ended:
        ended = self._program.call(request(hook, arguments, self._context))
        self._log(hook, ended.errors)
        if ended.failure:
            said = _last_line(ended.errors) or "it said nothing on standard error"
            raise NotReady(f"{self._program}, asked {hook}, {ended.failure}: {said}")
        return ended

    def _not_understood(self, hook: str, reason: NotUnderstood) -> NotReady:
        return NotReady(f"{self._program}, asked {hook}, gave an answer that is not understood: {reason}")

    def _log(self, hook: str, errors: str) -> None:
        lines = errors.splitlines()
        for line in lines[:_MOST_LINES]:
            log.info("%s: %s: %s", self._context.offering, hook, _printable(line))
        if len(lines) > _MOST_LINES:
            log.info("%s: %s: %d more lines are left out", self._context.offering, hook, len(lines) - _MOST_LINES)


def _place(outcome: ChangeOutcome, changes: Sequence[Change]) -> int:
    if not 0 <= outcome.change < len(changes):
        raise NotUnderstood(f"it has an outcome of change {outcome.change}, but they are 0 to {len(changes) - 1}")
    return outcome.change


def _last_line(errors: str) -> str:
    lines = [line for line in errors.splitlines() if line.strip()]
    return _printable(lines[-1].strip()) if lines else ""


def _printable(line: str) -> str:
    """A line that cannot forge another one in the log, nor fill it."""
    cut = line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}…"
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in cut)
