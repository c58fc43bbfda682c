"""One offering in one role: its plugins, and the only place that fires hooks.

Grep this module and you know everything that the core can ask of a plugin. Each hook has one typed method here.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NoReturn

import pluggy
from waldur_agent_hookspecs import (
    CHANGE_ORDER,
    PROJECT,
    AccountRef,
    AccountState,
    AccountStatus,
    AddMember,
    BackendError,
    Change,
    Component,
    ComponentRule,
    CreateAccount,
    DeleteAccount,
    Health,
    HealthStatus,
    LimitChange,
    Member,
    NotReady,
    Order,
    Outcome,
    OutcomeStatus,
    Period,
    PluginError,
    Preview,
    RemoveMember,
    Review,
    SetLimits,
    SetMemberLimits,
    SetStatus,
    Usage,
    User,
    UserActionNeeded,
    Verdict,
    specs,
)

from .registry import PluginEntry

log = logging.getLogger(__name__)


class SiteError(Exception):
    """The plugins of an offering cannot work together, or lack what a mode needs. Told at start."""


class PluginBug(Exception):  # noqa: N818 - whose fault it is matters more than that it is an error
    """A plugin raised or answered something that the contract does not allow."""


class Site:
    """The plugins that serve one offering in one role.

    Args:
        name: For messages: the offering's name.
        plugins: Each entry with its instance for this offering.

    Raises:
        SiteError: a hook that does not exist, or two plugins that answer the same question.
    """

    def __init__(self, name: str, plugins: Iterable[tuple[PluginEntry, object]]) -> None:
        self.name = name
        self._entries: dict[str, PluginEntry] = {}
        self._manager = pluggy.PluginManager(PROJECT)
        self._manager.add_hookspecs(specs)
        # The last one registered is called first, so that the written order holds.
        for entry, instance in reversed(list(plugins)):
            self._entries[entry.name] = entry
            try:
                outdated = register(self._manager, instance, entry.name)
            except pluggy.PluginValidationError as error:
                raise SiteError(f"{self._who(entry.name)}: {error}") from error
            for text in outdated:
                log.warning("%s: %s: %s", name, self._who(entry.name), text)
        try:
            self._manager.check_pending()
        except pluggy.PluginValidationError as error:
            raise SiteError(f"{name}: {error}") from error
        self._refuse_rivals()

    def _refuse_rivals(self) -> None:
        for hook, caller in self._callers().items():
            names = [implementation.plugin_name for implementation in caller.get_hookimpls()]
            if caller.spec and caller.spec.opts.get("firstresult") and len(names) > 1:
                raise SiteError(
                    f"{self.name}: {' and '.join(map(self._who, names))} both answer {hook}; use one of them"
                )

    def _callers(self) -> dict[str, pluggy.HookCaller]:
        names = [name for name in vars(specs) if hasattr(getattr(specs, name), f"{PROJECT}_spec")]
        return {name: getattr(self._manager.hook, name) for name in names}

    def _who(self, plugin_name: str) -> str:
        entry = self._entries[plugin_name]
        return f"plugin {entry.name!r} ({entry.distribution} {entry.version})"

    # ------------------------------------------------------------ what can be asked

    def can(self, hook: str) -> bool:
        """Whether some plugin implements ``hook``."""
        return bool(getattr(self._manager.hook, hook).get_hookimpls())

    @property
    def makes_names(self) -> bool:
        """Whether a plugin may have a local name for somebody; one that never has says so of itself."""
        hooks = self._manager.hook
        implementations = [*hooks.find_username.get_hookimpls(), *hooks.generate_username.get_hookimpls()]
        return any(getattr(implementation.plugin, "makes_names", True) for implementation in implementations)

    def require(self, hooks: Iterable[str], mode: str) -> None:
        """Refuse to run a mode that a plugin cannot serve.

        Raises:
            SiteError: naming the plugins and the missing hooks.
        """
        missing = [hook for hook in hooks if not self.can(hook)]
        if missing:
            plugins = ", ".join(map(self._who, self._entries)) or "no plugin"
            raise SiteError(f"{self.name}: {plugins} does not implement {', '.join(missing)}, which {mode} needs")

    # ------------------------------------------------------------ questions

    def describe_components(self, configured: Mapping[str, Component]) -> Mapping[str, ComponentRule]:
        """Which components the backend serves; by default all, as configured."""
        if not self.can("describe_components"):
            return {name: ComponentRule(factor=component.unit_factor) for name, component in configured.items()}
        rules: Mapping[str, ComponentRule] = self._ask("describe_components", Mapping, configured=configured)
        return rules

    def review_order(self, order: Order) -> Review:
        """Whether an order can be carried out; by default it can."""
        if not self.can("review_order"):
            return Review(Verdict.ACCEPT)
        review: Review = self._ask("review_order", Review, order=order)
        return review

    def list_accounts(self, refs: Sequence[AccountRef]) -> Mapping[str, AccountState]:
        """The state of every account asked for, by resource UUID."""
        states: Mapping[str, AccountState] = self._ask("list_accounts", Mapping, refs=refs)
        missing = [ref.resource_uuid for ref in refs if ref.resource_uuid not in states]
        if missing:
            self._blame("list_accounts", f"left out {len(missing)} of {len(refs)} accounts, such as {missing[0]}")
        return states

    def collect_usage(self, refs: Sequence[AccountRef], period: Period) -> Mapping[str, Usage]:
        """Usage within a period, by resource UUID; an account that does not exist is left out."""
        usage: Mapping[str, Usage] = self._ask("collect_usage", Mapping, refs=refs, period=period)
        return usage

    def account_metadata(self, ref: AccountRef) -> Mapping[str, str]:
        """What to show in Waldur; by default nothing."""
        if not self.can("account_metadata"):
            return {}
        metadata: Mapping[str, str] = self._ask("account_metadata", Mapping, ref=ref)
        return metadata

    def preview_changes(self, changes: Sequence[Change]) -> Preview:
        """Commands and jobs at risk; by default none are known."""
        if not self.can("preview_changes"):
            return Preview()
        preview: Preview = self._ask("preview_changes", Preview, changes=changes)
        return preview

    def create_account(self, ref: AccountRef) -> str:
        """Make an account and give its backend id."""
        backend_id: str = self._ask("create_account", str, ref=ref)
        if not backend_id:
            self._blame("create_account", "gave an empty backend id")
        return backend_id

    def set_limits(self, ref: AccountRef, change: LimitChange) -> bool:
        """Bring limits to the wanted amounts; True where something was changed."""
        return bool(self._ask("set_limits", bool, ref=ref, change=change))

    def set_status(self, ref: AccountRef, status: AccountStatus) -> bool:
        """Let the members work, less, or not; True where something was changed."""
        return bool(self._ask("set_status", bool, ref=ref, status=status))

    def delete_account(self, ref: AccountRef) -> bool:
        """Remove an account; False where it was gone."""
        return bool(self._ask("delete_account", bool, ref=ref))

    def add_member(self, ref: AccountRef, member: Member) -> bool:
        """Let a person in; False where that person was in."""
        return bool(self._ask("add_member", bool, ref=ref, member=member))

    def remove_member(self, ref: AccountRef, member: Member) -> bool:
        """Take a person out; False where that person was not in."""
        return bool(self._ask("remove_member", bool, ref=ref, member=member))

    def set_member_limits(self, ref: AccountRef, member: Member, change: LimitChange) -> bool:
        """Bring a member's own limits to the wanted amounts; True where something was changed."""
        return bool(self._ask("set_member_limits", bool, ref=ref, member=member, change=change))

    def find_username(self, user: User) -> str:
        """A name that the person has already, or an empty string."""
        return str(self._ask("find_username", str, user=user)) if self.can("find_username") else ""

    def generate_username(self, user: User, taken: frozenset[str]) -> str:
        """A new name, or an empty string."""
        if not self.can("generate_username"):
            return ""
        return str(self._ask("generate_username", str, user=user, taken=taken))

    def check_health(self) -> list[Health]:
        """What every plugin says about what it needs, each asked alone."""
        found: list[Health] = []
        for implementation in self._manager.hook.check_health.get_hookimpls():
            try:
                answered: Sequence[Health] = implementation.function()  # type: ignore[assignment] # a plugin's word
                found += answered
            except NotReady as error:
                found.append(Health(implementation.plugin_name, HealthStatus.BAD, str(error)))
            except Exception as error:  # noqa: BLE001 - one broken plugin must not hide what the others have to say
                text = f"{self._who(implementation.plugin_name)} failed in check_health: {error!r}"
                found.append(Health(implementation.plugin_name, HealthStatus.BAD, text, "report it to its author"))
        return found

    def prepare_users(self, members: Sequence[Member]) -> dict[str, str]:
        """Why who has not got what users need here, by local name, or by plugin; each plugin asked alone."""
        reasons: dict[str, str] = {}
        for implementation in self._manager.hook.prepare_users.get_hookimpls():
            try:
                arguments = [members] if implementation.argnames else []
                answered: Mapping[str, str] = implementation.function(*arguments)  # type: ignore[assignment]  # as above
                reasons |= answered
            except NotReady as error:
                reasons[implementation.plugin_name] = str(error)
            except Exception as error:  # noqa: BLE001 - one broken plugin must not keep the others from their work
                who = self._who(implementation.plugin_name)
                reasons[implementation.plugin_name] = f"{who} failed in prepare_users: {error!r}"
        return reasons

    # ------------------------------------------------------------ a whole plan

    def apply_changes(self, changes: Sequence[Change]) -> list[Outcome]:
        """Fire the bulk hook and hold it to its promise: one outcome per change."""
        answered: Sequence[Outcome] = self._ask("apply_changes", Sequence, changes=changes)
        by_change = {id(outcome.change): outcome for outcome in answered}
        if len(by_change) != len(answered) or set(by_change) != {id(change) for change in changes}:
            self._blame(
                "apply_changes", f"gave {len(answered)} outcomes for {len(changes)} changes, one each was due"
            )
        return [by_change[id(change)] for change in changes]

    def apply(self, changes: Sequence[Change], finished: Callable[[Outcome], None] = lambda _: None) -> list[Outcome]:
        """Carry out a plan. Every change ends as exactly one outcome, whatever a plugin does."""
        outcomes: list[Outcome] = []
        for outcome in self._apply_at_once(changes) if self.can("apply_changes") else self._apply_one_by_one(changes):
            outcomes.append(outcome)
            self.hook_finished(outcome)
            finished(outcome)
        return outcomes

    def _apply_at_once(self, changes: Sequence[Change]) -> list[Outcome]:
        if not changes:
            return []
        try:
            return self.apply_changes(changes)
        except (BackendError, UserActionNeeded) as error:
            # It would fail every order of the batch for what concerns one of them at most.
            bug = PluginBug(
                f"{self._answerer('apply_changes')}: apply_changes refused a whole plan instead of a change: {error}"
            )
            return [_ended(change, bug) for change in changes]
        except (PluginError, PluginBug) as error:
            return [_ended(change, error) for change in changes]

    def _apply_one_by_one(self, changes: Sequence[Change]) -> Iterable[Outcome]:
        missing: dict[str, Outcome] = {}
        for change in sorted(changes, key=lambda change: CHANGE_ORDER.index(type(change))):
            if (reason := missing.get(change.ref.resource_uuid)) is not None:
                text = f"its account could not be made: {reason.text}"
                yield Outcome(change, reason.status, text)
                continue
            outcome = self._apply_one(change)
            if isinstance(change, CreateAccount) and not outcome.good:
                missing[change.ref.resource_uuid] = outcome
            yield outcome

    def _apply_one(self, change: Change) -> Outcome:
        try:
            if isinstance(change, CreateAccount):
                return Outcome(change, OutcomeStatus.DONE, backend_id=self.create_account(change.ref))
            done = self._fire(change)
        except (PluginError, PluginBug) as error:
            return _ended(change, error)
        return Outcome(change, OutcomeStatus.DONE if done else OutcomeStatus.UNCHANGED)

    def _fire(self, change: Change) -> bool:
        match change:
            case SetLimits():
                return self.set_limits(change.ref, change.limits)
            case SetStatus():
                return self.set_status(change.ref, change.status)
            case AddMember():
                return self.add_member(change.ref, change.member)
            case RemoveMember():
                return self.remove_member(change.ref, change.member)
            case SetMemberLimits():
                return self.set_member_limits(change.ref, change.member, change.limits)
            case DeleteAccount():
                return self.delete_account(change.ref)
        raise AssertionError(f"no hook for {type(change).__name__}")

    # ------------------------------------------------------------ notices

    def members_synced(self, ref: AccountRef, members: Sequence[Member]) -> None:
        """Tell everybody who listens that an account's members are now these."""
        self._tell("members_synced", ref=ref, members=members)

    def hook_finished(self, outcome: Outcome) -> None:
        """Tell everybody who listens what became of a change."""
        self._tell("hook_finished", outcome=outcome)

    # ------------------------------------------------------------ firing

    def _ask(self, hook: str, kind: type[Any], **arguments: Any) -> Any:
        caller = getattr(self._manager.hook, hook)
        try:
            answer = caller(**arguments)
        except PluginError:
            raise
        except Exception as error:
            # Isolation: a plugin's bug is told as such, with its name, and ends only what it was asked for.
            raise PluginBug(f"{self._answerer(hook)} failed in {hook}: {error!r}") from error
        if not isinstance(answer, kind):
            self._blame(hook, f"answered {type(answer).__name__} instead of {kind.__name__}")
        return answer

    def _answerer(self, hook: str) -> str:
        names = [implementation.plugin_name for implementation in getattr(self._manager.hook, hook).get_hookimpls()]
        return ", ".join(map(self._who, names)) or f"no plugin of {self.name}"

    def _blame(self, hook: str, what: str) -> NoReturn:
        raise PluginBug(f"{self._answerer(hook)}: {hook} {what}")

    def _tell(self, hook: str, **arguments: Any) -> None:
        for implementation in getattr(self._manager.hook, hook).get_hookimpls():
            try:
                implementation.function(*(arguments[name] for name in implementation.argnames))
            except Exception:
                log.warning("%s failed in %s", self._who(implementation.plugin_name), hook)
                log.debug("The listener's traceback:", exc_info=True)


def register(manager: pluggy.PluginManager, plugin: object, name: str) -> list[str]:
    """Register a plugin; gives what the contract says of hooks and arguments that it has and that are to go."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        manager.register(plugin, name)
    return [str(warning.message) for warning in said]


def _ended(change: Change, error: PluginError | PluginBug) -> Outcome:
    """How a change ended that raised."""
    match error:
        case NotReady(expected=True) | UserActionNeeded():
            status = OutcomeStatus.WAITING
        case BackendError():
            status = OutcomeStatus.FAILED
        case _:
            # Also a plugin's bug: an order must not fail for good because a program has a fault.
            status = OutcomeStatus.NOT_READY
    return Outcome(change, status, str(error))
