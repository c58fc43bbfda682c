from __future__ import annotations

import inspect
import json
import typing
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from waldur_agent_exec.samples import ARGUMENTS, sample
from waldur_agent_exec.schema import protocol
from waldur_agent_exec.signatures import HOOKS
from waldur_agent_hookspecs import specs

UUID = "1" * 32
PROTOCOL = protocol()


def refused(definition: str, message: Any) -> list[str]:
    schema = {"$ref": f"#/$defs/{definition}", "$defs": PROTOCOL["$defs"]}
    return [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(message)]


def objects(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
        yield from (found for value in schema.values() for found in objects(value))
    elif isinstance(schema, list):
        yield from (found for value in schema for found in objects(value))


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(PROTOCOL)


@pytest.mark.parametrize("hook", ["describe", *HOOKS])
def test_every_request_is_as_the_schema_has_it(hook: str) -> None:
    assert refused(f"{hook}.request", json.loads(sample(hook))) == []


@pytest.mark.parametrize("hook", HOOKS)
def test_every_argument_of_the_contract_is_in_it(hook: str) -> None:
    arguments = PROTOCOL["$defs"][f"{hook}.request"]["properties"]["arguments"]["properties"]
    assert list(arguments) == list(inspect.signature(getattr(specs, hook)).parameters)
    assert set(ARGUMENTS[hook]) == set(arguments)


@pytest.mark.parametrize(
    ("hook", "answer"),
    [
        ("create_account", {"result": 1}),
        ("create_account", {"result": "a", "note": ""}),
        ("create_account", {"result": "a", "error": {"kind": "not_ready", "text": "x"}}),
        ("create_account", {"error": {"kind": "oops", "text": "x"}}),
        ("list_accounts", {"result": {UUID: {"exists": True, "member": {}}}}),
        ("list_accounts", {"result": {UUID: {"exists": True, "limits": {"cpu": "1 h"}}}}),
        ("apply_changes", {"result": [{"change": 0, "status": "ok"}]}),
    ],
)
def test_what_the_agent_would_refuse_the_schema_refuses(hook: str, answer: Any) -> None:
    assert refused(f"{hook}.answer", answer)


@pytest.mark.parametrize(
    ("hook", "answer"),
    [
        ("create_account", {"result": "a"}),
        ("add_member", {"error": {"kind": "not_ready", "text": "x", "expected": True}}),
        ("members_synced", {"result": None}),
        ("list_accounts", {"result": {UUID: {"exists": True, "limits": {"cpu": 1.5}, "status": None}}}),
    ],
)
def test_what_the_agent_understands_the_schema_allows(hook: str, answer: Any) -> None:
    assert refused(f"{hook}.answer", answer) == []


def test_every_reference_leads_somewhere_and_every_text_is_plain() -> None:
    found = list(objects(PROTOCOL))
    references = {schema["$ref"] for schema in found if isinstance(schema.get("$ref"), str)}
    assert {reference.removeprefix("#/$defs/") for reference in references} == set(PROTOCOL["$defs"])
    texts = [schema["description"] for schema in found if isinstance(schema.get("description"), str)]
    assert [text for text in texts if "`" in text or "\n" in text or not text] == []


def test_an_account_is_described_as_the_contract_does() -> None:
    state = PROTOCOL["$defs"]["AccountState"]
    assert state["required"] == ["exists"]
    assert state["properties"]["conflict"]["description"].startswith("Not empty where something of this name exists")
    assert state["additionalProperties"] is False
    assert typing.cast("str", state["description"]).startswith("What a backend holds for one AccountRef now.")
