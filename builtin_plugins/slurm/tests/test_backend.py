"""The plugin as core meets it: hooks one by one, and what a steady state costs."""

from __future__ import annotations

from decimal import Decimal

import pytest
from services.slurm_commands import SlurmCommands
from services.slurm_fixtures import RealSlurm
from services.slurm_plans import PluginMaker, make_ref
from waldur_agent_hookspecs import (
    AccountStatus,
    BackendError,
    Component,
    LimitChange,
    Member,
    NotReady,
)
from waldur_agent_slurm.backend import SlurmPlugin


def test_the_single_hooks_do_what_a_plan_does(slurm: RealSlurm, plugin: SlurmPlugin) -> None:
    ref = make_ref("one")
    assert plugin.create_account(ref) == "a_one"
    assert plugin.create_account(ref) == "a_one"
    ref = make_ref("one", backend_id="a_one")
    wanted = LimitChange({"cpu": Decimal(6000), "mem": Decimal(61440)})
    assert [plugin.set_limits(ref, wanted), plugin.set_limits(ref, wanted)] == [True, False]
    assert [plugin.add_member(ref, Member("alice")), plugin.add_member(ref, Member("alice"))] == [True, False]
    state = plugin.list_accounts([ref])[ref.resource_uuid]
    assert (state.exists, state.backend_id) == (True, "a_one")
    assert state.limits == {"cpu": 6000, "mem": 61440}
    assert dict(state.members) == {"alice": {}}
    assert [plugin.delete_account(ref), plugin.delete_account(ref)] == [True, False]
    assert set(slurm.accounts()) == {"c_example-uni"}


def test_the_single_hooks_say_no_and_not_now(slurm: RealSlurm, plugin: SlurmPlugin) -> None:
    slurm.load("Parent - 'root'", "Account - 'a_one'", "Account - 'p_x'", "Parent - 'p_x'", "Account - 'a_two'")
    slurm.load("Parent - 'a_two'", "Account - 'below'")
    with pytest.raises(BackendError, match="a_one exists already"):
        plugin.create_account(make_ref("one"))
    with pytest.raises(NotReady, match="no slug yet"):
        plugin.create_account(make_ref("", resource_uuid="1" * 32))
    with pytest.raises(BackendError, match="whole number"):
        plugin.set_limits(make_ref(backend_id="a_one"), LimitChange({"cpu": Decimal("1.5")}))
    with pytest.raises(NotReady, match="below the account a_two") as held:
        plugin.delete_account(make_ref(backend_id="a_two"))
    assert not held.value.expected
    assert set(slurm.accounts()) == {"a_one", "p_x", "a_two", "below"}


def test_a_steady_state_costs_one_read(slurm: RealSlurm, slurm_commands: SlurmCommands, plugin: SlurmPlugin) -> None:
    slurm.load(
        "Parent - 'root'", "Account - 'p_ocean'", "Parent - 'p_ocean'", *(f"Account - 'x{n}'" for n in range(20))
    )
    refs = [make_ref(f"r{number}", backend_id=f"x{number}") for number in range(20)]
    with slurm_commands.counted() as calls:
        states = plugin.list_accounts(refs)
    assert all(state.exists for state in states.values())
    assert len(calls) == 1


def test_the_status_is_read_from_the_qos(slurm: RealSlurm, make_plugin: PluginMaker) -> None:
    slurm.add_qos("paused", "slow", "special")
    slurm.load("Parent - 'root'", *(f"Account - '{name}'" for name in ("active", "off", "slowed", "by_hand")))
    for name, qos in (("off", "paused"), ("slowed", "slow"), ("by_hand", "special")):
        slurm.sacctmgr("modify", "account", name, "set", f"qos={qos}", "DefaultQOS=-1")
    refs = {name: make_ref(name, backend_id=name) for name in ("active", "off", "slowed", "by_hand")}
    found = make_plugin(qos_paused="paused", qos_downscaled="slow").list_accounts(list(refs.values()))
    states = {name: found[ref.resource_uuid] for name, ref in refs.items()}
    assert {name: state.status for name, state in states.items()} == {
        "active": AccountStatus.ACTIVE,
        "off": AccountStatus.PAUSED,
        "slowed": AccountStatus.DOWNSCALED,
        "by_hand": None,
    }
    assert dict(states["off"].metadata) == {"qos": "paused"}


def test_components_keep_their_factor_and_have_whole_steps(plugin: SlurmPlugin) -> None:
    cpu = Component("cpu", "limit", Decimal(60000), "k-Hours", "CPU")
    (rule,) = plugin.describe_components({"cpu": cpu}).values()
    assert (rule.factor, rule.step) == (Decimal(60000), Decimal(1))


def test_no_changes_cost_nothing(plugin: SlurmPlugin) -> None:
    assert plugin.apply_changes([]) == []
