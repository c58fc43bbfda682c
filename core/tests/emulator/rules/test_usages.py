from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from waldur_agent.emulator.errors import ApiError
from waldur_agent.emulator.records import Resource
from waldur_agent.emulator.rules.usages import Amount, current_usages, report_usage, report_user_usage
from waldur_agent.emulator.scenario import Scenario
from waldur_agent.emulator.seeding import seed
from waldur_agent.emulator.state import State


@pytest.fixture
def state(scenario: Scenario) -> State:
    return seed(scenario)


@pytest.fixture
def resource(state: State) -> Resource:
    return state.resource("tides")


def report(state: State, resource: Resource, kind: str, amount: str, at: datetime | None = None) -> None:
    report_usage(state, resource, [Amount(kind, Decimal(amount))], at=at, staff=False)


def test_each_month_has_its_own_record(state: State, resource: Resource) -> None:
    report(state, resource, "cpu", "10")
    state.clock_shift = timedelta(days=31)
    report(state, resource, "cpu", "1")
    report(state, resource, "cpu", "2")
    assert [usage.usage for usage in state.usages_of(resource)] == [Decimal("10.00"), Decimal("2.00")]
    assert current_usages(state, resource) == {"cpu": "2.00"}


def test_usage_of_a_past_month_is_taken_for_limit_components_only(state: State, resource: Resource) -> None:
    past = datetime(2025, 3, 31, 23, tzinfo=UTC)
    report(state, resource, "gres/gpu", "5", past)
    assert [usage.billing_period for usage in state.usages_of(resource)] == [date(2025, 3, 1)]
    with pytest.raises(ApiError, match="Service providers can only specify date"):
        report(state, resource, "cpu", "5", past)
    report_usage(state, resource, [Amount("cpu", Decimal(5))], at=past, staff=True)
    assert len(state.usages_of(resource)) == 2


def test_the_future_is_refused_and_months_are_those_of_utc(state: State, resource: Resource) -> None:
    with pytest.raises(ApiError, match="future dates"):
        report(state, resource, "cpu", "5", state.now() + timedelta(minutes=1))
    report(state, resource, "gres/gpu", "5", datetime.fromisoformat("2025-04-01T01:00:00+02:00"))
    assert [usage.billing_period for usage in state.usages_of(resource)] == [date(2025, 3, 1)]


@pytest.mark.parametrize(
    ("period", "reported", "refused"),
    [
        ("month", {"2025-01": "90", "2025-02": "100"}, None),
        ("month", {"2025-01": "101"}, "101"),
        ("annual", {"2025-01": "60", "2026-01": "60"}, None),
        ("annual", {"2025-01": "60", "2025-12": "41"}, "101"),
        ("quarterly", {"2025-03": "60", "2025-04": "60"}, None),
        ("quarterly", {"2025-01": "60", "2025-03": "41"}, "101"),
        ("total", {"2024-01": "60", "2025-03": "41"}, "101"),
        ("total", {"2024-01": "60", "2025-03": "40"}, None),
        (None, {"2024-01": "900"}, None),
    ],
)
def test_limit_amount_holds_within_its_period(
    state: State, resource: Resource, period: str | None, reported: dict[str, str], refused: str | None
) -> None:
    component = resource.offering.components["gres/gpu"]
    component.limit_period, component.limit_amount = period, Decimal(100)
    *first, last = reported.items()
    for month, amount in first:
        report(state, resource, "gres/gpu", amount, datetime.fromisoformat(f"{month}-15T00:00:00Z"))
    at = datetime.fromisoformat(f"{last[0]}-15T00:00:00Z")
    if refused is None:
        report(state, resource, "gres/gpu", last[1], at)
        assert len(state.usages_of(resource)) == len(reported)
    else:
        with pytest.raises(ApiError, match=f"Total amount: {refused}.*, limit: 100"):
            report(state, resource, "gres/gpu", last[1], at)


def test_same_month_again_counts_once_against_the_limit(state: State, resource: Resource) -> None:
    component = resource.offering.components["gres/gpu"]
    component.limit_period, component.limit_amount = "total", Decimal(100)
    for amount in ("60", "70"):
        report(state, resource, "gres/gpu", amount)
    assert [usage.usage for usage in state.usages_of(resource)] == [Decimal("70.00")]


def test_a_persons_second_report_keeps_the_known_account(state: State, resource: Resource) -> None:
    report(state, resource, "cpu", "10")
    usage, account = state.usages_of(resource)[0], state.account(resource.offering, state.user("alice"))
    report_user_usage(state, usage, "aanders", Decimal(1), account)
    report_user_usage(state, usage, "aanders", Decimal(2), None)
    [record] = state.user_usages_of(usage)
    assert (record.usage, record.offering_user) == (Decimal("2.00"), account)
