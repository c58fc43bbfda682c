from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from waldur_agent_exec.messages import encode, request
from waldur_agent_hookspecs import AccountStatus, Component, Member, Party, Period, PluginContext, RemoveMember

from .conftest import REF


@pytest.mark.parametrize(
    ("value", "json_value"),
    [
        (Decimal("1E+3"), "1000"),
        (Decimal("0.10"), "0.10"),
        (AccountStatus.PAUSED, "paused"),
        (frozenset({"b", "a"}), ["a", "b"]),
        ((1, None, True), [1, None, True]),
        (Party("u", "s"), {"uuid": "u", "slug": "s", "name": ""}),
        (
            Period(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)),
            {"start": "2026-03-01T00:00:00+00:00", "end": "2026-04-01T00:00:00+00:00"},
        ),
    ],
)
def test_a_value_in_terms_of_json(value: Any, json_value: Any) -> None:
    assert encode(value) == json_value


def test_a_change_says_of_which_kind_it_is() -> None:
    encoded = encode(RemoveMember(ref=REF, reason="left", member=Member("jdoe")))
    assert (encoded["kind"], encoded["member"]["username"]) == ("remove_member", "jdoe")


def test_a_request_is_one_line_with_the_offering_beside_the_arguments() -> None:
    components = {"cpu": Component("cpu", "usage", Decimal(60000), "h", "CPU")}
    message = request("create_account", {"ref": REF}, PluginContext("Õcean\n", "0" * 32, components))
    assert message.count(b"\n") == 1
    assert "Õcean".encode() in message
    assert json.loads(message) == {
        "protocol": 1,
        "hook": "create_account",
        "arguments": {"ref": encode(REF)},
        "context": {
            "offering": "Õcean\n",
            "offering_uuid": "0" * 32,
            "components": {"cpu": encode(components["cpu"])},
            "timezone": "UTC",
            "read_only": False,
        },
    }
