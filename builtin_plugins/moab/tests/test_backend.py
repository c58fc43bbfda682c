"""The small answers: components, reviews, health."""

from __future__ import annotations

from decimal import Decimal

import pytest
from services.mam import Mam
from services.mam_plans import make_plugin, make_ref, uuid_of
from waldur_agent_hookspecs import Component, HealthStatus, Order, OrderType, Verdict
from waldur_agent_moab.backend import MoabPlugin


def component(name: str, factor: int) -> Component:
    return Component(name, "limit", Decimal(factor), "EUR", name)


def test_the_deposit_alone_is_served_and_a_factor_does_not_count(caplog: pytest.LogCaptureFixture) -> None:
    plugin = make_plugin()
    configured = {name: component(name, 60000) for name in ("cpu", "deposit", "mem")}
    for _ in range(3):
        rules = plugin.describe_components(configured)
    assert set(rules) == {"deposit"}
    assert rules["deposit"].factor == 1
    assert rules["deposit"].step <= Decimal("0.01")
    assert [it.getMessage() for it in caplog.records] == [
        "Test: MOAB serves the component deposit alone; ignored: cpu, mem"
    ]


@pytest.mark.parametrize(
    ("slug", "project", "verdict"),
    [
        ("climate", "ocean", Verdict.ACCEPT),
        ("climate", "", Verdict.WAIT),
        ("a|b", "ocean", Verdict.REJECT),
    ],
)
def test_a_name_is_judged_before_the_approval(slug: str, project: str, verdict: Verdict) -> None:
    order = Order(uuid_of("x"), OrderType.CREATE, make_ref(slug, project=project))
    review = make_plugin().review_order(order)
    assert review.verdict is verdict
    assert bool(review.text) is (verdict is not Verdict.ACCEPT)


def test_a_project_and_a_resource_of_one_name_are_refused() -> None:
    plugin = make_plugin(project_prefix="", allocation_prefix="")
    review = plugin.review_order(Order(uuid_of("x"), OrderType.CREATE, make_ref("ocean", project="ocean")))
    assert review.verdict is Verdict.REJECT
    assert "set different prefixes" in review.text


def statuses(plugin: MoabPlugin) -> dict[str, HealthStatus]:
    return {it.check: it.status for it in plugin.check_health()}


def test_everything_is_well(mam: Mam, plugin: MoabPlugin) -> None:
    assert set(statuses(plugin).values()) == {HealthStatus.GOOD}
    mam.add_account("a_climate")
    assert set(statuses(plugin).values()) == {HealthStatus.GOOD}
    assert not [call for call in mam.calls if call.writes]


@pytest.mark.parametrize(
    ("variants", "bad"),
    [
        (["daemon-down"], {"MAM", "deposits"}),
        (["no-transactions"], set()),
        (["no-transactions", "no-allocations"], set()),
        (["no-transactions", "no-allocations", "no-allocated"], {"deposits"}),
    ],
)
def test_what_is_not_well_is_told(mam: Mam, plugin: MoabPlugin, variants: list[str], bad: set[str]) -> None:
    mam.add_account("a_climate")
    mam.plays(*variants)
    assert {check for check, status in statuses(plugin).items() if status is HealthStatus.BAD} == bad
    assert all(it.remedy for it in plugin.check_health() if it.status is HealthStatus.BAD)


def test_commands_that_are_missing_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    found = {it.check: it for it in make_plugin().check_health()}
    assert found["MAM commands"].status is HealthStatus.BAD
    assert "mam-list-accounts is not on PATH" in found["MAM commands"].detail
