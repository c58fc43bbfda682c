from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pluggy
import pytest
from waldur_agent_hookspecs import (
    PROJECT,
    AccountRef,
    AccountState,
    AccountStatus,
    Component,
    ComponentRule,
    Health,
    HealthStatus,
    LimitChange,
    Member,
    NotReady,
    Order,
    OrderType,
    Period,
    PluginContext,
    Usage,
    Verdict,
    specs,
)
from waldur_agent_sandbox import Cluster, SandboxPlugin, SandboxSettings, accounts, jobs

MakeRef = Callable[..., AccountRef]
JDOE = Member("jdoe")


def _state(plugin: SandboxPlugin, ref: AccountRef) -> AccountState:
    return plugin.list_accounts([ref])[ref.resource_uuid]


def test_every_hook_is_one_of_the_contract_and_the_bulk_hook_is_left_out(plugin: SandboxPlugin) -> None:
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(specs)
    manager.register(plugin)
    manager.check_pending()
    answered = {caller.name for caller in manager.get_hookcallers(plugin) or []}
    questions = {name for name, value in vars(specs).items() if hasattr(value, f"{PROJECT}_spec")}
    left_out = {
        "apply_changes",
        "find_username",
        "generate_username",
        "prepare_users",
        "members_synced",
        "hook_finished",
    }
    assert answered == questions - left_out


def test_an_account_with_everything_reads_back(plugin: SandboxPlugin, ref: AccountRef) -> None:
    assert plugin.create_account(ref) == "a_climate"
    assert plugin.set_limits(ref, LimitChange({"cpu": Decimal(6000)}))
    assert plugin.add_member(ref, JDOE)
    assert plugin.set_member_limits(ref, JDOE, LimitChange({"cpu": Decimal(100)}))
    assert plugin.set_status(ref, AccountStatus.PAUSED)
    assert _state(plugin, ref) == AccountState(
        exists=True,
        backend_id="a_climate",
        members={"jdoe": {"cpu": Decimal(100)}},
        limits={"cpu": Decimal(6000)},
        status=AccountStatus.PAUSED,
        metadata={"parent": "p_ocean"},
    )
    assert plugin.account_metadata(ref) == {"parent": "p_ocean"}


def test_everything_done_again_changes_nothing(plugin: SandboxPlugin, ref: AccountRef) -> None:
    for expected in (True, False):
        plugin.create_account(ref)
        assert plugin.set_limits(ref, LimitChange({"cpu": Decimal(1)})) is expected
        assert plugin.set_status(ref, AccountStatus.DOWNSCALED) is expected
        assert plugin.add_member(ref, JDOE) is expected
        assert plugin.set_member_limits(ref, JDOE, LimitChange({"cpu": Decimal(1)})) is expected
    for expected in (True, False):
        assert plugin.remove_member(ref, JDOE) is expected
    for expected in (True, False):
        assert plugin.delete_account(ref) is expected


def test_absence_says_the_name_to_come(plugin: SandboxPlugin, ref: AccountRef) -> None:
    assert _state(plugin, ref) == AccountState(exists=False, backend_id="a_climate")
    assert _state(plugin, replace(ref, backend_id="a_gone")) == AccountState(exists=False, backend_id="a_gone")


@pytest.mark.parametrize("slug", ["", "im possible"])
def test_a_resource_that_cannot_be_named_is_absent_and_hurts_nobody(
    plugin: SandboxPlugin, make_ref: MakeRef, slug: str
) -> None:
    good = make_ref("good")
    plugin.create_account(good)
    states = plugin.list_accounts([replace(good, resource_uuid="bad", slug=slug), good])
    assert states["bad"] == AccountState(exists=False)
    assert states[good.resource_uuid].exists


def test_one_made_by_hand_is_a_conflict(plugin: SandboxPlugin, cluster: Cluster, ref: AccountRef) -> None:
    with cluster.writing() as db:
        accounts.add_by_hand(db, "a_climate")
    state = _state(plugin, ref)
    assert (state.exists, state.backend_id) == (False, "")
    assert "'a_climate' was made by hand" in state.conflict


def test_another_resources_account_is_a_conflict_whatever_waldur_says(plugin: SandboxPlugin, ref: AccountRef) -> None:
    plugin.create_account(ref)
    for backend_id in ("", "a_climate"):
        state = _state(plugin, replace(ref, resource_uuid="another", backend_id=backend_id))
        assert not state.exists
        assert "belongs to Waldur's object r-climate" in state.conflict


def test_after_a_crash_the_account_is_found_by_its_tag(plugin: SandboxPlugin, ref: AccountRef) -> None:
    plugin.create_account(ref)
    assert _state(plugin, replace(ref, slug="renamed", backend_id="")).backend_id == "a_climate"


def test_a_file_that_is_not_there_answers_nothing(ref: AccountRef, tmp_path: Path) -> None:
    settings = SandboxSettings(database=tmp_path / "moved-away")
    plugin = SandboxPlugin(settings, PluginContext("HPC", "0" * 32))
    with pytest.raises(NotReady):
        plugin.list_accounts([ref])
    (health,) = plugin.check_health()
    assert (health.status, health.remedy) == (
        HealthStatus.BAD,
        f"python -m waldur_agent_sandbox init {settings.database}",
    )


def test_a_good_file_is_healthy(plugin: SandboxPlugin, ref: AccountRef, database: Path) -> None:
    plugin.create_account(ref)
    assert plugin.check_health() == [Health("sandbox", HealthStatus.GOOD, f"{database}: 3 accounts")]


def test_while_only_showing_nothing_is_written(settings: SandboxSettings, ref: AccountRef) -> None:
    plugin = SandboxPlugin(settings, PluginContext("HPC", "0" * 32, read_only=True))
    with pytest.raises(NotReady, match="readonly"):
        plugin.create_account(ref)
    assert not _state(plugin, ref).exists


def test_a_members_limits_are_freed_where_they_are_only_in_previous(plugin: SandboxPlugin, ref: AccountRef) -> None:
    plugin.create_account(ref)
    plugin.add_member(ref, JDOE)
    plugin.set_member_limits(ref, JDOE, LimitChange({"cpu": Decimal(1), "mem": Decimal(2)}))
    plugin.set_member_limits(ref, JDOE, LimitChange({"cpu": Decimal(3)}, previous={"mem": Decimal(2)}))
    assert _state(plugin, ref).members == {"jdoe": {"cpu": Decimal(3)}}


def test_limits_of_somebody_who_is_not_in_are_not_set(plugin: SandboxPlugin, ref: AccountRef) -> None:
    plugin.create_account(ref)
    with pytest.raises(NotReady, match="'jdoe' is not a member of the sandbox's account 'a_climate'"):
        plugin.set_member_limits(ref, JDOE, LimitChange({"cpu": Decimal(1)}))


def test_usage_is_told_for_every_account_that_exists(
    plugin: SandboxPlugin, cluster: Cluster, make_ref: MakeRef
) -> None:
    busy, idle, gone = make_ref("busy"), make_ref("idle"), make_ref("gone", backend_id="a_gone")
    plugin.create_account(busy)
    plugin.create_account(idle)
    march = Period(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
    with cluster.writing() as db:
        span = Period(march.start, march.start + timedelta(hours=1))
        jobs.simulate(db, "a_busy", "jdoe", span, {"cpu": Decimal(2)})
    assert plugin.collect_usage([busy, idle, gone], march) == {
        "r-busy": Usage(members={"jdoe": {"cpu": Decimal(120)}}),
        "r-idle": Usage(),
    }


def test_components_keep_their_configured_factor(plugin: SandboxPlugin) -> None:
    cpu = Component("cpu", "usage", Decimal(60000), "k-Hours", "CPU")
    assert plugin.describe_components({"cpu": cpu}) == {"cpu": ComponentRule(Decimal(60000), Decimal(1))}


@pytest.mark.parametrize(
    ("order_type", "slug", "verdict", "text"),
    [
        (OrderType.CREATE, "climate", Verdict.ACCEPT, ""),
        (OrderType.CREATE, "", Verdict.WAIT, "tells no slug"),
        (OrderType.CREATE, "im possible", Verdict.REJECT, "cannot be an account's name"),
        (OrderType.TERMINATE, "im possible", Verdict.ACCEPT, ""),
    ],
)
def test_an_order_is_reviewed_by_its_name(
    plugin: SandboxPlugin, make_ref: MakeRef, order_type: OrderType, slug: str, verdict: Verdict, text: str
) -> None:
    review = plugin.review_order(Order("o", order_type, make_ref(slug)))
    assert review.verdict is verdict
    assert text in review.text
    assert bool(text) is bool(review.text)
