"""What crosses the border cannot be changed on the other side."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import waldur_agent_hookspecs as contract
from waldur_agent_hookspecs import (
    AccountRef,
    AccountState,
    AccountStatus,
    AddMember,
    Change,
    Component,
    ComponentRule,
    CreateAccount,
    DeleteAccount,
    Health,
    HealthStatus,
    LimitChange,
    Member,
    Order,
    OrderType,
    Outcome,
    OutcomeStatus,
    Party,
    Period,
    PluginContext,
    Preview,
    RemoveMember,
    Review,
    SetLimits,
    SetMemberLimits,
    SetStatus,
    Usage,
    User,
    Verdict,
)

ONE = {"cpu": Decimal(1)}
PARTY = Party("u", "slug")
REF = AccountRef("r", "", "slug", "Name", PARTY, PARTY)
JDOE = Member("jdoe")
LIMITS = LimitChange(ONE, ONE)
WHY: dict[str, Any] = {"ref": REF, "reason": "asked for"}
CREATE = CreateAccount(**WHY)

SAMPLES: list[Any] = [
    PARTY,
    REF,
    JDOE,
    LIMITS,
    CREATE,
    Change(**WHY),
    AccountState(exists=True, members={"jdoe": ONE}, limits=ONE, metadata={"qos": "normal"}),
    SetLimits(**WHY, limits=LIMITS),
    SetStatus(**WHY, status=AccountStatus.ACTIVE),
    AddMember(**WHY, member=JDOE),
    RemoveMember(**WHY, member=JDOE),
    SetMemberLimits(**WHY, member=JDOE, limits=LIMITS),
    DeleteAccount(**WHY),
    Outcome(CREATE, OutcomeStatus.DONE),
    Preview(("true",), {"a": 1}),
    Component("cpu", "usage", Decimal(1), "h", "CPU"),
    ComponentRule(Decimal(1)),
    Order("o", OrderType.CREATE, REF, ONE, {"x": 1}),
    Review(Verdict.ACCEPT),
    User("u", attributes={"x": "y"}),
    PluginContext("HPC", "0" * 32, {"cpu": Component("cpu", "usage", Decimal(1), "h", "CPU")}),
    Health("x", HealthStatus.GOOD),
    Period(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)),
    Usage({"jdoe": ONE}, ONE),
]

each_sample = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: type(sample).__name__)


def _mappings(sample: Any) -> Iterator[tuple[str, Any]]:
    for field in dataclasses.fields(sample):
        if hasattr(value := getattr(sample, field.name), "keys"):
            yield field.name, value


def test_there_is_a_sample_of_every_type() -> None:
    types = {value for value in vars(contract).values() if dataclasses.is_dataclass(value)}
    assert {type(sample) for sample in SAMPLES} == types


@each_sample
def test_a_value_is_frozen(sample: Any) -> None:
    for field in dataclasses.fields(sample):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(sample, field.name, None)


@each_sample
def test_a_value_has_no_room_for_anything_else(sample: Any) -> None:
    assert not hasattr(sample, "__dict__")


@each_sample
def test_mappings_are_read_only(sample: Any) -> None:
    for name, mapping in _mappings(sample):
        assert mapping, f"the sample's {name} shows nothing"
        with pytest.raises(TypeError, match="does not support item assignment"):
            mapping["new"] = 1


@each_sample
def test_mappings_are_copied(sample: Any) -> None:
    given = {name: dict(mapping) for name, mapping in _mappings(sample)}
    copy = dataclasses.replace(sample, **given)
    for mapping in given.values():
        mapping.clear()
    assert all(mapping for _, mapping in _mappings(copy))
