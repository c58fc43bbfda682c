"""The plugin that is checked, asked through pluggy as the agent asks it."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import pluggy

from waldur_agent_hookspecs import (
    PROJECT,
    AccountRef,
    AccountState,
    BackendError,
    Change,
    CreateAccount,
    NotReady,
    Outcome,
    OutcomeStatus,
    PluginError,
    specs,
)

from .answers import judge
from .check import Breach, expect
from .roles import CHANGES, NOTICES, answers, implemented_hooks

REASON = "asked for by the conformance kit"


class Subject:
    """One instance of the plugin. Every answer is held to its form, whatever the check is about.

    Args:
        plugin: The instance.
        made: Is given every resource for which an account is asked for, so that it can be removed.

    Raises:
        Breach: pluggy does not take it, as it would not at the agent's start.
    """

    def __init__(self, plugin: object, made: list[AccountRef]) -> None:
        self.plugin = plugin
        self._made = made
        self.hooks = implemented_hooks(plugin)
        self._manager = pluggy.PluginManager(PROJECT)
        self._manager.add_hookspecs(specs)
        for hook in sorted(self.hooks):
            _hold_to_signature(hook, getattr(plugin, hook))
        try:
            self._manager.register(plugin, "checked")
            self._manager.check_pending()
        except pluggy.PluginValidationError as error:
            raise Breach(
                "", f"pluggy refuses it: {error}", "Name hooks and arguments as the contract does."
            ) from error

    def can(self, hook: str) -> bool:
        """Whether the plugin does what this hook does, by itself or in bulk."""
        return answers(hook, self.hooks)

    # ------------------------------------------------------------ asking

    def attempt(self, hook: str, **arguments: Any) -> Any:
        """Ask, and give the answer, or the error that the plugin raised on purpose.

        Raises:
            Breach: an answer of the wrong form, an error of the wrong type, or arguments that were changed.
        """
        if hook in CHANGES and hook not in self.hooks:
            return self._in_bulk(hook, arguments)
        self._made += _made_by(hook, arguments)
        # Lists, so that a plugin which sorts or empties what it was given is seen.
        kept = {name: _frozen(value) for name, value in arguments.items()}
        try:
            answer = getattr(self._manager.hook, hook)(**arguments)
        except PluginError as error:
            _hold_to_form(hook, error)
            return error
        except Exception as error:
            raise Breach(
                hook,
                f"raised {type(error).__name__}: {error}",
                "Raise only NotReady (not now), BackendError (never, for this object) or UserActionNeeded; the agent "
                "takes anything else for a bug of the plugin.",
            ) from error
        changed = [name for name, value in arguments.items() if _frozen(value) != kept[name]]
        expect(not changed, hook, f"changed its argument {', '.join(changed)}", "Copy what you want to change.")
        judge(hook, answer if hook not in NOTICES else True, arguments)
        return answer

    def ask(self, hook: str, **arguments: Any) -> Any:
        """Ask something that a good backend answers."""
        answer = self.attempt(hook, **arguments)
        if isinstance(answer, PluginError):
            raise Breach(
                hook,
                f"raised {type(answer).__name__}: {answer}",
                "The backend can be read and nothing is in the way, so this has to succeed.",
            )
        return answer

    def refusal(self, hook: str, why: str, **arguments: Any) -> PluginError:
        """Ask something that has to be refused, and give the error."""
        answer = self.attempt(hook, **arguments)
        if not isinstance(answer, PluginError):
            raise Breach(hook, f"answered {answer!r}, although {why}", "Raise NotReady or BackendError instead.")
        return answer

    # ------------------------------------------------------------ in few words

    def states(self, *refs: AccountRef) -> Mapping[str, AccountState]:
        """What ``list_accounts`` tells about these accounts."""
        states: Mapping[str, AccountState] = self.ask("list_accounts", refs=list(refs))
        return states

    def state(self, ref: AccountRef) -> AccountState:
        """What ``list_accounts`` tells about one account."""
        return self.states(ref)[ref.resource_uuid]

    def apply(self, *changes: Change) -> dict[int, Outcome]:
        """Carry out a plan in bulk; outcomes by ``id`` of their change."""
        outcomes = self.ask("apply_changes", changes=list(changes))
        return {id(outcome.change): outcome for outcome in outcomes}

    def _in_bulk(self, hook: str, arguments: Mapping[str, Any]) -> Any:
        change = make_change(hook, **arguments)
        outcomes = self.attempt("apply_changes", changes=[change])
        if isinstance(outcomes, PluginError):
            return outcomes
        (outcome,) = outcomes
        if outcome.status is OutcomeStatus.FAILED:
            return BackendError(outcome.text)
        if not outcome.good:
            return NotReady(outcome.text, expected=outcome.status is OutcomeStatus.WAITING)
        return outcome.backend_id if hook == "create_account" else outcome.status is OutcomeStatus.DONE


def _hold_to_signature(hook: str, method: Callable[..., object]) -> None:
    known = list(inspect.signature(getattr(specs, hook)).parameters)
    strange = [name for name in inspect.signature(method).parameters if name not in known]
    seen = f"names the arguments {strange}"
    expect(not strange, hook, seen, f"The hook has {known}: name those that you need, spelt like that.")


def make_change(hook: str, **arguments: Any) -> Change:
    """The change that does what a single hook does with these arguments."""
    given = dict(arguments)
    if "change" in given:
        given["limits"] = given.pop("change")
    return CHANGES[hook](reason=REASON, **given)


def _frozen(value: object) -> object:
    if isinstance(value, list):
        return tuple(value)
    return dict(value) if isinstance(value, dict) else copy.copy(value)


def _hold_to_form(hook: str, error: PluginError) -> None:
    kind = type(error).__name__
    expect(
        str(error).strip(),
        hook,
        f"raised {kind} without a text",
        "Say what was asked, of whom, what came back and what to do next.",
    )
    expect(
        type(error) is not PluginError,
        hook,
        f"raised the bare PluginError: {error}",
        "Raise NotReady, BackendError or UserActionNeeded: the type decides what the agent does.",
    )


def _made_by(hook: str, arguments: Mapping[str, Any]) -> list[AccountRef]:
    if hook == "create_account":
        return [arguments["ref"]]
    return (
        [change.ref for change in arguments["changes"] if isinstance(change, CreateAccount)]
        if hook == "apply_changes"
        else []
    )
