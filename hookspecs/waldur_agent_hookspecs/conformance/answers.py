"""What each hook may answer: shapes, types and keys, whatever the question was."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from waldur_agent_hookspecs import (
    AccountState,
    AccountStatus,
    ComponentRule,
    CreateAccount,
    Health,
    HealthStatus,
    Outcome,
    OutcomeStatus,
    Preview,
    Review,
    Usage,
    Verdict,
)

from .check import expect

Arguments = Mapping[str, Any]


def judge(hook: str, answer: object, arguments: Arguments) -> None:
    """Hold an answer to the form that the hook promises.

    Raises:
        Breach: naming what is wrong with it.
    """
    expect(
        answer is not None,
        hook,
        "answered None, which is pluggy's word for 'not mine'",
        "Return a value on every path; absence is a value, too.",
    )
    _JUDGES[hook](hook, answer, arguments)


def _kind(hook: str, answer: Any, kind: type[object], what: str = "answered") -> None:
    expect(
        isinstance(answer, kind),
        hook,
        f"{what} {answer!r}, a {type(answer).__name__}",
        f"This must be a {kind.__name__}.",
    )


def _truth(hook: str, answer: Any, _: Arguments) -> None:
    expect(
        isinstance(answer, bool),
        hook,
        f"answered {answer!r}, a {type(answer).__name__}",
        "Return True where something was changed, False where it was so already.",
    )


def _text(hook: str, answer: Any, _: Arguments) -> None:
    _kind(hook, answer, str)


def _identifier(hook: str, answer: Any, _: Arguments) -> None:
    _kind(hook, answer, str)
    expect(answer, hook, "answered an empty backend id", "Return the id by which the backend knows the account.")


def _amounts(hook: str, amounts: Any, what: str) -> None:
    _kind(hook, amounts, Mapping, f"gave as {what}")
    for component, amount in amounts.items():
        _kind(hook, component, str, f"gave as a component in {what}")
        expect(
            isinstance(amount, Decimal),
            hook,
            f"gave {component}={amount!r} in {what}, a {type(amount).__name__}",
            "Amounts are decimal.Decimal in backend units: a float bills wrong by rounding.",
        )
        expect(
            amount.is_finite() and amount >= 0,
            hook,
            f"gave {component}={amount} in {what}",
            "Amounts are finite and never negative; a component without a limit is left out.",
        )


def _texts(hook: str, texts: Any, what: str) -> None:
    _kind(hook, texts, Mapping, f"gave as {what}")
    for name, text in texts.items():
        _kind(hook, name, str, f"gave as a name in {what}")
        _kind(hook, text, str, f"gave as {name} in {what}")


def _keys(hook: str, answer: Any, arguments: Arguments, *, all_of_them: bool) -> None:
    _kind(hook, answer, Mapping)
    asked = {ref.resource_uuid for ref in arguments["refs"]}
    strange = [key for key in answer if key not in asked]
    expect(
        not strange,
        hook,
        f"answered for {strange[:3]}, which was not asked",
        "Answer by resource_uuid (not by backend id), for exactly the refs that were asked.",
    )
    missing = sorted(asked - set(answer))
    expect(
        not missing or not all_of_them,
        hook,
        f"left out {len(missing)} of the {len(asked)} accounts asked, such as {missing[:1]}",
        "Answer for every ref; one that is not there is AccountState(exists=False).",
    )


def _states(hook: str, answer: Any, arguments: Arguments) -> None:
    _keys(hook, answer, arguments, all_of_them=True)
    for state in answer.values():
        _kind(hook, state, AccountState)
        _state(hook, state)


def _state(hook: str, state: AccountState) -> None:
    _kind(hook, state.exists, bool, "gave as AccountState.exists")
    for name in ("backend_id", "conflict", "residue"):
        _kind(hook, getattr(state, name), str, f"gave as AccountState.{name}")
    expect(
        state.backend_id or not state.exists,
        hook,
        "says that an account exists, without its backend_id",
        "Set AccountState.backend_id wherever exists is True: Waldur needs it to find the account again.",
    )
    expect(
        not (state.exists and state.conflict),
        hook,
        f"says that an account exists and is in conflict: {state.conflict}",
        "Either it is this resource's own (exists), or something else is in the way (conflict).",
    )
    expect(
        state.status is None or isinstance(state.status, AccountStatus),
        hook,
        f"gave as AccountState.status {state.status!r}, a {type(state.status).__name__}",
        "Give an AccountStatus, or None where the backend has no such notion.",
    )
    _kind(hook, state.limits_reportable, bool, "gave as AccountState.limits_reportable")
    _amounts(hook, state.limits, "AccountState.limits")
    for username, limits in state.members.items():
        _kind(hook, username, str, "gave as a member")
        expect(username, hook, "gave an empty member name", "Members are local user names.")
        _amounts(hook, limits, f"the limits of member {username}")
    _texts(hook, state.metadata, "AccountState.metadata")


def _usages(hook: str, answer: Any, arguments: Arguments) -> None:
    _keys(hook, answer, arguments, all_of_them=False)
    for usage in answer.values():
        _kind(hook, usage, Usage)
        for username, amounts in usage.members.items():
            _kind(hook, username, str, "gave as a member")
            expect(username, hook, "gave usage of a member without a name", "Put it into Usage.unattributed.")
            _amounts(hook, amounts, f"the usage of {username}")
        _amounts(hook, usage.unattributed, "Usage.unattributed")


def _rules(hook: str, answer: Any, arguments: Arguments) -> None:
    _kind(hook, answer, Mapping)
    strange = sorted(set(answer) - set(arguments["configured"]))
    expect(not strange, hook, f"serves {strange}, which is not configured", "Describe configured components alone.")
    for name, rule in answer.items():
        _kind(hook, rule, ComponentRule)
        for part in ("factor", "step"):
            number = getattr(rule, part)
            expect(
                isinstance(number, Decimal) and number.is_finite() and number > 0,
                hook,
                f"gave {name} the {part} {number!r}",
                f"ComponentRule.{part} is a Decimal above 0.",
            )


def _review(hook: str, answer: Any, _: Arguments) -> None:
    _kind(hook, answer, Review)
    _kind(hook, answer.verdict, Verdict, "gave as verdict")
    _kind(hook, answer.text, str, "gave as text")
    expect(
        answer.text or answer.verdict is Verdict.ACCEPT,
        hook,
        f"answered {answer.verdict} without a text",
        "Say why: the customer reads a rejection, the admin's log a wait.",
    )


def _preview(hook: str, answer: Any, _: Arguments) -> None:
    _kind(hook, answer, Preview)
    _kind(hook, answer.commands, tuple, "gave as Preview.commands")
    for command in answer.commands:
        _kind(hook, command, str, "gave as a command")
    for backend_id, jobs in answer.jobs_at_risk.items():
        _kind(hook, backend_id, str, "gave as a backend id in jobs_at_risk")
        good = isinstance(jobs, int) and not isinstance(jobs, bool) and jobs >= 0
        expect(good, hook, f"gave {jobs!r} jobs at risk in {backend_id}", "Give the number of jobs that would end.")


def _metadata(hook: str, answer: Any, _: Arguments) -> None:
    _texts(hook, answer, "its answer")


def _outcomes(hook: str, answer: Any, arguments: Arguments) -> None:
    _kind(hook, answer, Sequence)
    for outcome in answer:
        _kind(hook, outcome, Outcome, "gave as an outcome")
    _one_each(hook, answer, arguments["changes"])
    for outcome in answer:
        _outcome(hook, outcome)


def _one_each(hook: str, outcomes: Sequence[Outcome], changes: Iterable[object]) -> None:
    due = [id(change) for change in changes]
    given = [id(outcome.change) for outcome in outcomes]
    expect(
        sorted(given) == sorted(due),
        hook,
        f"gave {len(given)} outcomes, {len(set(due) & set(given))} of them for one of the {len(due)} changes asked",
        "Give exactly one Outcome for each change, with the very object that was asked as Outcome.change.",
    )


def _outcome(hook: str, outcome: Outcome) -> None:
    kind = outcome.change.kind
    _kind(hook, outcome.status, OutcomeStatus, f"gave as the status of {kind}")
    _kind(hook, outcome.text, str, f"gave as the text of {kind}")
    _kind(hook, outcome.backend_id, str, f"gave as the backend id of {kind}")
    expect(
        outcome.good or outcome.text,
        hook,
        f"ended {kind} as {outcome.status.value!r} without a text",
        "Say what was asked, of whom, what came back and what to do next.",
    )
    expect(
        outcome.backend_id or not (outcome.good and isinstance(outcome.change, CreateAccount)),
        hook,
        "made an account and did not give its backend_id in the outcome",
        "Set Outcome.backend_id of every CreateAccount that is done or unchanged.",
    )


def _findings(hook: str, answer: Any, _: Arguments) -> None:
    expect(
        isinstance(answer, list) and answer,
        hook,
        "answered nothing, or None",
        "Give one Health for each thing checked, also where it works.",
    )
    for findings in answer:  # one for each plugin asked
        expect(
            isinstance(findings, Sequence) and not isinstance(findings, str) and findings,
            hook,
            f"answered {findings!r}",
            "Give a sequence with one Health for each thing checked, also where it works.",
        )
        for finding in findings:
            _finding(hook, finding)


def _finding(hook: str, finding: Any) -> None:
    _kind(hook, finding, Health)
    for name in ("check", "detail", "remedy"):
        _kind(hook, getattr(finding, name), str, f"gave as Health.{name}")
    _kind(hook, finding.status, HealthStatus, "gave as Health.status")
    expect(finding.check, hook, "gave a Health that does not say what was checked", "Set Health.check.")


def _nothing(hook: str, answer: Any, _: Arguments) -> None:
    """A notice's result is ignored."""


_JUDGES: Final[Mapping[str, Callable[[str, Any, Arguments], None]]] = {
    "describe_components": _rules,
    "review_order": _review,
    "list_accounts": _states,
    "collect_usage": _usages,
    "account_metadata": _metadata,
    "preview_changes": _preview,
    "apply_changes": _outcomes,
    "create_account": _identifier,
    "set_limits": _truth,
    "set_status": _truth,
    "delete_account": _truth,
    "add_member": _truth,
    "remove_member": _truth,
    "set_member_limits": _truth,
    "find_username": _text,
    "generate_username": _text,
    "check_health": _findings,
    "members_synced": _nothing,
    "hook_finished": _nothing,
}
