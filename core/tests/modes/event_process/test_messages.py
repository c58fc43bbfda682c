from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from waldur_agent.modes.event_process.messages import Unserved, Unusable, hints_of
from waldur_agent.modes.focus import Hint, Kind

OFFERING, A, B, C = ("1" * 32, "a" * 32, "b" * 32, "c" * 32)


def read(payload: Any, source_type: str = "") -> set[Hint]:
    return hints_of(json.dumps(payload).encode(), source_type, OFFERING)


@pytest.mark.parametrize(
    ("source_type", "payload", "expected"),
    [
        ("order", {"order_uuid": A}, {Hint(Kind.ORDER, A)}),
        ("order", {"order_uuid": A, "order_state": "pending-provider", "offering_uuid": OFFERING}, {(Kind.ORDER, A)}),
        ("order", {"order_uuid": A, "order_state": "executing", "sequence_number": 3}, {(Kind.ORDER, A)}),
        ("order", {"order_uuid": A, "order_state": None}, {(Kind.ORDER, A)}),
        ("order", {"order_uuid": A, "order_state": "a new one"}, {(Kind.ORDER, A)}),
        ("", {"object_type": "order", "order_uuid": A}, {(Kind.ORDER, A)}),
        ("user_role", {"project_uuid": B, "project_name": "Ocean"}, {(Kind.PROJECT, B)}),
        (
            "user_role",
            {"project_uuid": B, "user_uuid": A, "user_username": "jane", "granted": True},
            {(Kind.PROJECT, B), (Kind.NEWCOMER, f"{A} project {B}")},
        ),
        ("user_role", {"project_uuid": B, "user_uuid": A, "granted": False}, {(Kind.PROJECT, B)}),
        ("user_role", {"project_uuid": B, "user_uuid": A, "granted": None}, {(Kind.PROJECT, B)}),
        ("user_role", {"project_uuid": B, "resource_uuid": C, "granted": False}, {(Kind.RESOURCE, C)}),
        (
            "user_role",
            {"resource_uuid": C, "user_uuid": A, "granted": True},
            {(Kind.RESOURCE, C), (Kind.NEWCOMER, f"{A} resource {C}")},
        ),
        ("resource", {"resource_uuid": C}, {(Kind.RESOURCE, C)}),
        ("resource", {"resource_uuid": C, "paused": True, "limits": {}, "sequence_number": 7}, {(Kind.RESOURCE, C)}),
        ("offering_user", {"user_uuid": A, "action": "create", "state": "Requested"}, {(Kind.PERSON, A)}),
        ("offering_user", {"user_uuid": A, "action": "delete"}, {(Kind.PERSON, A)}),
        (
            "offering_user",
            {"user_uuid": A, "action": "username_set", "state": 3, "username": "jane"},
            {(Kind.PERSON, A)},
        ),
        ("offering_user", {"user_uuid": A, "action": "attribute_update"}, set()),
        ("", {"object_type": "offering_resources_sync"}, {(Kind.ALL_ORDERS, ""), (Kind.ALL_MEMBERS, "")}),
    ],
)
def test_what_a_message_hints_at(source_type: str, payload: dict[str, Any], expected: set[tuple[Kind, str]]) -> None:
    assert read(payload, source_type) == {Hint(*item) for item in expected}


@pytest.mark.parametrize(
    "state",
    ["done", "erred", "canceled", "rejected", "pending-consumer", "pending-project", "pending-start-date", "DONE"],
)
def test_orders_that_are_not_ours_to_carry_out_are_ignored_at_once(state: str) -> None:
    assert read({"order_uuid": A, "order_state": state}, "order") == set()


def test_uuids_may_have_dashes_on_either_side() -> None:
    dashed = "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa"
    payload = {"order_uuid": dashed, "offering_uuid": "11111111-1111-1111-1111-111111111111"}
    assert read(payload, "order") == {Hint(Kind.ORDER, A)}


def test_what_concerns_another_offering_is_left_to_it() -> None:
    assert read({"order_uuid": A, "offering_uuid": B}, "order") == set()


@pytest.mark.parametrize(
    ("body", "source_type"),
    [
        (b"", "order"),
        (b"{", "order"),
        (b"\xff\xfe", "order"),
        (b"[" * 100_000, "order"),
        (b"[]", "order"),
        (b"null", "order"),
        (b'"text"', "order"),
        (b"{}", "order"),
        (b'{"order_uuid": "no uuid"}', "order"),
        (b'{"order_uuid": 7}', "order"),
        (b'{"user_uuid": "' + A.encode() + b'", "granted": true}', "user_role"),
        (b'{"action": "create"}', "offering_user"),
    ],
)
def test_what_cannot_be_used_says_so(body: bytes, source_type: str) -> None:
    with pytest.raises(Unusable):
        hints_of(body, source_type, OFFERING)


@pytest.mark.parametrize("kind", ["", "proposal", 7, ["order"], {}])
def test_types_that_are_not_served_are_told_apart(kind: Any) -> None:
    with pytest.raises(Unserved):
        read({"object_type": kind, "order_uuid": A})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40) | st.just(A),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=15), inner, max_size=4),
    max_leaves=10,
)
KEYS = [
    "object_type",
    "order_uuid",
    "order_state",
    "offering_uuid",
    "project_uuid",
    "resource_uuid",
    "user_uuid",
    "action",
]


@given(
    st.dictionaries(st.sampled_from(KEYS), JSON),
    st.sampled_from(["", "order", "user_role", "resource", "offering_user"]),
)
def test_nothing_else_comes_of_arbitrary_payloads(payload: dict[str, Any], source_type: str) -> None:
    with contextlib.suppress(Unusable):
        assert all(hint.uuid in {"", A} or len(hint.uuid) == 32 for hint in read(payload, source_type))


@given(st.binary(max_size=200))
def test_nothing_else_comes_of_arbitrary_bytes(body: bytes) -> None:
    with contextlib.suppress(Unusable):
        hints_of(body, "order", OFFERING)
