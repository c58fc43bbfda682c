from __future__ import annotations

import json
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from waldur_agent_exec.parser import NotUnderstood, read_answer
from waldur_agent_exec.signatures import HOOKS, NOTICES, ChangeOutcome, Description
from waldur_agent_hookspecs import (
    AccountState,
    AccountStatus,
    BackendError,
    ComponentRule,
    Health,
    HealthStatus,
    NotReady,
    OutcomeStatus,
    PluginError,
    Preview,
    Review,
    Usage,
    UserActionNeeded,
    Verdict,
)

UUID = "1" * 32


def read(hook: str, result: Any) -> Any:
    return read_answer(hook, json.dumps({"result": result}).encode())


@pytest.mark.parametrize(
    ("hook", "result", "value"),
    [
        ("create_account", "a_climate", "a_climate"),
        ("set_limits", True, True),
        ("delete_account", False, False),
        ("account_metadata", {"qos": "normal"}, {"qos": "normal"}),
        ("describe_components", {"cpu": {"factor": "60000"}}, {"cpu": ComponentRule(Decimal(60000))}),
        ("review_order", {"verdict": "reject", "text": "no"}, Review(Verdict.REJECT, "no")),
        ("preview_changes", {"commands": ["ls"], "jobs_at_risk": {"a": 2}}, Preview(("ls",), {"a": 2})),
        ("check_health", [{"check": "x", "status": "bad"}], (Health("x", HealthStatus.BAD),)),
        ("apply_changes", [{"change": 0, "status": "not ready"}], (ChangeOutcome(0, OutcomeStatus.NOT_READY),)),
        ("describe", {"hooks": ["set_limits"]}, Description(("set_limits",))),
        ("list_accounts", {UUID: {"exists": False}}, {UUID: AccountState(exists=False)}),
        (
            "list_accounts",
            {UUID: {"exists": True, "backend_id": "a", "members": {"j": {"cpu": "1"}}, "status": "paused"}},
            {
                UUID: AccountState(
                    exists=True, backend_id="a", members={"j": {"cpu": Decimal(1)}}, status=AccountStatus.PAUSED
                )
            },
        ),
        ("list_accounts", {UUID: {"exists": True, "status": None}}, {UUID: AccountState(exists=True)}),
        ("collect_usage", {UUID: {"members": {"j": {"cpu": "0.5"}}}}, {UUID: Usage({"j": {"cpu": Decimal("0.5")}})}),
    ],
)
def test_an_answer_becomes_what_the_contract_has(hook: str, result: Any, value: Any) -> None:
    assert read(hook, result) == value


@pytest.mark.parametrize(
    ("hook", "result", "text"),
    [
        ("create_account", None, r"result has to be a string, not 'null'"),
        ("create_account", 7, "result has to be a string"),
        ("set_limits", 1, "result has to be true or false, not '1'"),
        ("set_limits", "true", "result has to be true or false"),
        ("list_accounts", [], "result has to be an object"),
        ("list_accounts", {UUID: {}}, f"result.{UUID} lacks exists"),
        (
            "list_accounts",
            {UUID: {"exists": True, "member": {}}},
            f"result.{UUID} has member, but its keys are exists",
        ),
        (
            "list_accounts",
            {UUID: {"exists": True, "status": "idle"}},
            "one of active, downscaled, paused, not 'idle'",
        ),
        ("list_accounts", {UUID: {"exists": "yes"}}, "exists has to be true or false"),
        ("list_accounts", {UUID: {"exists": True, "members": ["j"]}}, "members has to be an object"),
        ("list_accounts", {UUID: {"exists": True, "limits": {"cpu": "1 h"}}}, "limits.cpu has to be an amount"),
        ("list_accounts", {UUID: {"exists": True, "limits": {"cpu": True}}}, "limits.cpu has to be an amount"),
        ("apply_changes", [{"change": True, "status": "done"}], r"result\[0\].change has to be a whole number"),
        ("apply_changes", [{"change": 0, "status": "ok"}], "one of done, unchanged"),
        ("preview_changes", {"jobs_at_risk": {"a": "2"}}, "jobs_at_risk.a has to be a whole number"),
    ],
)
def test_what_is_not_exactly_that_is_not_guessed_at(hook: str, result: Any, text: str) -> None:
    with pytest.raises(NotUnderstood, match=text):
        read(hook, result)


@pytest.mark.parametrize(
    "output",
    [
        "",
        "done",
        "[]",
        "{}",
        "null",
        '{"result": "a"} trailing',
        '{"result": "a"}{"result": "b"}',
        '{"result": "a", "error": null}',
        '{"result": "a", "note": 1}',
        '{"result": "a", "result": "b"}',
        '{"result": NaN}',
        '{"error": "no"}',
        '{"error": {"kind": "oops", "text": "x"}}',
        '{"error": {"kind": "not_ready"}}',
        '{"error": {"kind": "not_ready", "text": " "}}',
        '{"error": {"kind": "not_ready", "text": "x", "expected": "yes"}}',
        "[" * 100_000,
    ],
)
def test_garbage_is_told_as_such(output: str) -> None:
    with pytest.raises(NotUnderstood):
        read_answer("create_account", output.encode())


def test_what_is_no_text_is_told_as_such() -> None:
    with pytest.raises(NotUnderstood, match="not UTF-8"):
        read_answer("create_account", b'{"result": "\xff"}')


@pytest.mark.parametrize(
    "amount", ["1e999999999", "1e-999999999", "NaN", "Infinity", "1_000", " 1", "1.", ".5", "٣", ""]
)
def test_an_amount_is_a_plain_number(amount: str) -> None:
    with pytest.raises(NotUnderstood):
        read("list_accounts", {UUID: {"exists": True, "limits": {"cpu": amount}}})


def test_a_number_is_taken_digit_by_digit() -> None:
    output = f'{{"result": {{"{UUID}": {{"unattributed": {{"cpu": 0.1234567890123456789, "mem": 5, "x": 2e3}}}}}}}}'
    usage = read_answer("collect_usage", output.encode())[UUID]
    assert usage.total == {"cpu": Decimal("0.1234567890123456789"), "mem": Decimal(5), "x": Decimal(2000)}


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"kind": "not_ready"}, NotReady),
        ({"kind": "backend_error"}, BackendError),
        ({"kind": "user_action_needed", "url": "https://example.org", "validation": True}, UserActionNeeded),
    ],
)
def test_an_error_is_the_contracts_own(error: dict[str, Any], kind: type[PluginError]) -> None:
    with pytest.raises(PluginError, match=r"^slapd is away$") as raised:
        read_answer("create_account", json.dumps({"error": error | {"text": "slapd is away"}}).encode())
    assert type(raised.value) is kind
    if isinstance(raised.value, UserActionNeeded):
        assert (raised.value.url, raised.value.validation) == ("https://example.org", True)


@pytest.mark.parametrize("expected", [True, False])
def test_waiting_may_be_expected(expected: bool) -> None:
    message = {"error": {"kind": "not_ready", "text": "not known yet", "expected": expected}}
    with pytest.raises(NotReady) as raised:
        read_answer("add_member", json.dumps(message).encode())
    assert raised.value.expected is expected


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["exists", "members", "status", "cpu", UUID]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(hook=st.sampled_from([hook for hook in HOOKS if hook not in NOTICES]), result=JSON)
def test_no_answer_is_a_surprise(hook: str, result: Any) -> None:
    with suppress(NotUnderstood):
        assert read(hook, result) is not None
