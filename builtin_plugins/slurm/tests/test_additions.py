"""Accounts, limits and members on a real cluster."""

from __future__ import annotations

import getpass

import pytest
from services.slurm_commands import Fault, SlurmCommands
from services.slurm_fixtures import RealSlurm
from services.slurm_plans import PluginMaker, add_members, create, ends, make_ref, order, set_limits
from waldur_agent_hookspecs import Member, NamePolicy, NotReady
from waldur_agent_slurm.backend import SlurmPlugin


def test_an_order_becomes_three_accounts_with_limits_members_and_tags(slurm: RealSlurm, plugin: SlurmPlugin) -> None:
    ref = make_ref("Climate-2026", name="Größe \"of\" the 'ocean' #1 | 😀")
    outcomes = plugin.apply_changes(order(ref, "alice", "bob", cpu=6000, mem=1536, gpu=0))
    assert ends(outcomes) == ["done"] * 4
    assert outcomes[0].backend_id == "a_climate-2026"
    parents = {name: account.parent for name, account in slurm.accounts().items()}
    assert parents == {"c_example-uni": "root", "p_ocean": "c_example-uni", "a_climate-2026": "p_ocean"}
    assert slurm.limits("a_climate-2026") == "cpu=6000,gres/gpu=0,mem=1.50G"
    assert slurm.limits("p_ocean") == ""
    assert slurm.members() == {"a_climate-2026": {"alice", "bob"}}
    assert slurm.description("a_climate-2026") == f"größe of the ocean 1 😀 (waldur {ref.resource_uuid})"
    assert slurm.description("p_ocean") == f"the ocean (waldur {ref.project.uuid})"
    assert slurm.users() == {"alice": "a_climate-2026", "bob": "a_climate-2026"}


def test_fifty_orders_need_few_commands_and_again_none_that_writes(
    slurm: RealSlurm, slurm_commands: SlurmCommands, plugin: SlurmPlugin
) -> None:
    refs = [make_ref(f"r{n}", project=f"p{n % 10}", customer=f"c{n % 2}") for n in range(50)]
    changes = [
        change for n, ref in enumerate(refs) for change in order(ref, "alice", "bob", f"u{n}", cpu=n, mem=n + 1)
    ]
    with slurm_commands.counted() as calls:
        states = plugin.list_accounts(refs)
        assert not any(state.exists or state.conflict for state in states.values())
        assert set(ends(plugin.apply_changes(changes))) == {"done"}
    assert len(calls) <= 8
    found, members = slurm.accounts(), slurm.members()
    assert len(found) == 62
    for number in range(50):
        assert (found[f"a_r{number}"].parent, found[f"p_p{number % 10}"].parent) == (
            f"p_p{number % 10}",
            f"c_c{number % 2}",
        )
        assert found[f"a_r{number}"].limits == f"cpu={number},mem={number + 1}M"
        assert members[f"a_r{number}"] == {"alice", "bob", f"u{number}"}
    with slurm_commands.counted() as calls:
        assert all(state.exists for state in plugin.list_accounts(refs).values())
        assert set(ends(plugin.apply_changes(changes))) == {"unchanged"}
    assert not [call for call in calls if call.writes]


def test_fifty_different_limits_need_few_commands_and_change_nothing_else(
    slurm: RealSlurm, slurm_commands: SlurmCommands, plugin: SlurmPlugin
) -> None:
    slurm.sacctmgr("add", "account", "p_ocean,site")
    names = [f"old_{number}" for number in range(50)]
    slurm.sacctmgr(
        "add", "account", f"name={','.join(names)}", "parent=p_ocean", "description=by hand", "fairshare=7"
    )
    slurm.sacctmgr("modify", "account", "where", f"name={','.join(names)}", "set", "GrpTRESMins=cpu=1,mem=5")
    slurm.sacctmgr("add", "user", "alice", "account=old_7")
    refs = [make_ref(f"r{number}", backend_id=name) for number, name in enumerate(names)]
    with slurm_commands.counted() as calls:
        states = plugin.list_accounts(refs)
        outcomes = plugin.apply_changes([set_limits(ref, cpu=100 + number) for number, ref in enumerate(refs)])
    assert len(calls) <= 6
    assert states[refs[7].resource_uuid].limits == {"cpu": 1, "mem": 5}
    assert set(ends(outcomes)) == {"done"}
    found = slurm.accounts()
    for number, name in enumerate(names):
        assert (found[name].limits, found[name].parent) == (f"cpu={100 + number},mem=5M", "p_ocean")
    assert slurm.description("old_7") == "by hand"
    assert slurm.rows("list", "assoc", "account=old_7", "user=", "format=fairshare") == [["7"]]
    assert slurm.members() == {"old_7": {"alice"}}


def test_limits_that_hold_already_cost_one_read(
    slurm: RealSlurm, slurm_commands: SlurmCommands, plugin: SlurmPlugin
) -> None:
    ref = make_ref(backend_id="mine")
    slurm.sacctmgr("add", "account", "mine")
    slurm.sacctmgr("modify", "account", "mine", "set", "GrpTRESMins=cpu=5,mem=12288512")
    plugin.list_accounts([ref])
    with slurm_commands.counted() as calls:
        assert ends(plugin.apply_changes([set_limits(ref, cpu=5, mem=12288512)])) == ["unchanged"]
    assert len(calls) == 1


def test_what_the_cluster_has_no_tres_for_is_left_out(slurm: RealSlurm, plugin: SlurmPlugin) -> None:
    outcomes = plugin.apply_changes(order(make_ref("one"), cpu=5, nosuch=7))
    assert ends(outcomes) == ["done", "done"]
    assert slurm.limits("a_one") == "cpu=5"


def test_one_refused_object_fails_alone(slurm: RealSlurm, slurm_commands: SlurmCommands, plugin: SlurmPlugin) -> None:
    # The list of TRES pretends to know one more, so that SLURM itself refuses the line that uses it.
    slurm_commands.inject(Fault(program="sacctmgr", match="list tres", replace=(("vmem|", "vmem|\nbogus|"),)))
    refs = [make_ref(f"r{number}") for number in range(5)]
    changes = [change for ref in refs for change in order(ref, "alice", cpu=1)]
    bad = make_ref("bad")
    outcomes = plugin.apply_changes([*changes, *order(bad, "alice", bogus=1)])
    assert set(ends(outcomes[:-3])) == {"done"}
    assert {outcome.status for outcome in outcomes[-3:]} == {"failed"}
    assert "bogus" in outcomes[-1].text
    assert set(slurm.members()) == {f"a_r{number}" for number in range(5)}
    assert "a_bad" not in slurm.accounts()


def test_an_account_that_is_somebody_elses_is_never_adopted(slurm: RealSlurm, plugin: SlurmPlugin) -> None:
    assert ends(plugin.apply_changes([create(make_ref("first", project="taken"))])) == ["done"]
    slurm.load("Parent - 'root'", "Account - 'a_one':Description='by hand':Organization='o'")
    slurm.load("Parent - 'root'", f"Account - 'a_two':Description='x (waldur {'f' * 32})':Organization='o'")
    untagged, tagged = make_ref("one"), make_ref("two")
    state = plugin.list_accounts([untagged])[untagged.resource_uuid]
    assert not state.exists
    assert "a_one exists already" in state.conflict
    other_project = make_ref("three", project="taken", project_uuid="9" * 32)
    twins = [make_ref("twin", resource_uuid="1" * 32), make_ref("twin", resource_uuid="2" * 32)]
    in_the_way = [untagged, tagged, other_project, *twins]
    outcomes = plugin.apply_changes([
        *(change for ref in in_the_way for change in order(ref, "alice", cpu=5)),
        *order(make_ref("fine"), cpu=5),
    ])  # fmt: skip
    assert {outcome.status for outcome in outcomes[:-2]} == {"failed"}
    assert ends(outcomes[-2:]) == ["done", "done"]
    assert "tagged as made for" in outcomes[6].text
    assert all("1" * 32 in outcome.text and "2" * 32 in outcome.text for outcome in outcomes[9:15])
    found = slurm.accounts()
    assert {name for name in found if name.startswith("a_")} == {"a_first", "a_one", "a_two", "a_fine"}
    assert (found["a_one"].parent, found["a_one"].limits) == ("root", "")
    assert slurm.description("a_one") == "by hand"
    assert slurm.members() == {}


def test_parents_that_were_there_before_stay_where_and_as_they_are(
    slurm: RealSlurm, make_plugin: PluginMaker
) -> None:
    slurm.load(
        "Parent - 'root'", "Account - 'site'", "Account - 'elsewhere'", "Parent - 'elsewhere'", "Account - 'p_old'"
    )
    changes = [create(make_ref("one", project="old")), create(make_ref("two", project="new", customer="new"))]
    assert ends(make_plugin(default_account="site").apply_changes(changes)) == ["done", "done"]
    parents = {name: account.parent for name, account in slurm.accounts().items()}
    assert parents == {
        "site": "root",
        "elsewhere": "root",
        "p_old": "elsewhere",
        "a_one": "p_old",
        "c_new": "site",
        "p_new": "c_new",
        "a_two": "p_new",
    }
    assert slurm.description("p_old") == "p_old"


def test_accounts_named_after_their_project_are_counted(slurm: RealSlurm, plugin: SlurmPlugin) -> None:
    slurm.sacctmgr("add", "account", "a_ocean", "description=foreign")
    refs = [make_ref(slug, name_policy=NamePolicy.PROJECT_SLUG) for slug in ("one", "two")]
    outcomes = plugin.apply_changes([create(ref) for ref in refs])
    assert [outcome.backend_id for outcome in outcomes] == ["a_ocean-0", "a_ocean-1"]
    assert {"a_ocean", "a_ocean-0", "a_ocean-1"} <= set(slurm.accounts())
    again = plugin.apply_changes([create(ref) for ref in refs[::-1]])
    assert [outcome.backend_id for outcome in again] == ["a_ocean-1", "a_ocean-0"]
    assert ends(again) == ["unchanged", "unchanged"]


def test_what_is_not_there_is_made_again_waited_for_or_refused(slurm: RealSlurm, plugin: SlurmPlugin) -> None:
    vanished, gone = make_ref("one", backend_id="old_name"), make_ref("two", backend_id="gone")
    nameless = make_ref("", resource_uuid="1" * 32)
    assert not plugin.list_accounts([vanished])[vanished.resource_uuid].exists
    outcomes = plugin.apply_changes([
        create(vanished),
        *(set_limits(gone, cpu=1), *add_members(gone, "alice")),
        *order(nameless, "alice", cpu=5),
    ])  # fmt: skip
    assert [str(outcome.status) for outcome in outcomes] == ["done", "failed", "failed", *["not ready"] * 3]
    assert outcomes[0].backend_id == "old_name"
    assert "gone does not exist" in outcomes[1].text
    assert slurm.accounts()["old_name"].parent == "p_ocean"
    assert slurm.members() == {}


# ---------------------------------------------------------------- members


def test_members_get_one_association_and_bad_names_never_reach_a_command(
    slurm: RealSlurm, slurm_commands: SlurmCommands, plugin: SlurmPlugin
) -> None:
    slurm.load(
        "Parent - 'root'", "Account - 'elsewhere'", "Account - 'mine'", "Parent - 'elsewhere'", "User - 'alice'"
    )
    slurm.sacctmgr("add", "user", "bob", "account=mine", "partition=debug")
    mine = make_ref(backend_id="MINE")
    assert set(plugin.list_accounts([mine])[mine.resource_uuid].members) == {"bob"}
    users = ("Alice", "x[1-3]", "a,b", "'; drop", "weird.user-1_x@realm")
    outcomes = plugin.apply_changes([*order(make_ref("one"), *users), *add_members(mine, "BOB")])
    assert [str(outcome.status) for outcome in outcomes] == ["done", "done", *["failed"] * 3, "done", "unchanged"]
    assert slurm.members() == {"elsewhere": {"alice"}, "mine": {"bob"}, "a_one": {"alice", "weird.user-1_x@realm"}}
    assert slurm.users()["alice"] == "elsewhere"


def test_a_person_whom_the_system_does_not_know_is_waited_for(slurm: RealSlurm, make_plugin: PluginMaker) -> None:
    plugin = make_plugin(require_os_user=True)
    outcomes = plugin.apply_changes(order(make_ref("one"), "nobody-knows-me", getpass.getuser()))
    assert [str(outcome.status) for outcome in outcomes] == ["done", "waiting", "done"]
    assert "nobody-knows-me" in outcomes[1].text
    assert slurm.members() == {"a_one": {getpass.getuser()}}
    with pytest.raises(NotReady) as caught:
        plugin.add_member(make_ref("one", backend_id="a_one"), Member("nobody-knows-me"))
    assert caught.value.expected


# ---------------------------------------------------------------- several clusters


def test_with_several_clusters_only_the_named_one_is_touched(slurm: RealSlurm, make_plugin: PluginMaker) -> None:
    slurm.sacctmgr("add", "cluster", "other")
    try:
        slurm.sacctmgr("add", "account", "p_ocean", "cluster=other", "description=over there", "organization=o")
        slurm.sacctmgr("add", "account", "a_two", "cluster=other", "description=over there")
        with pytest.raises(NotReady, match="set cluster_name"):
            make_plugin().apply_changes([create(make_ref("one"))])
        plugin = make_plugin(cluster_name=slurm.name)
        outcomes = plugin.apply_changes([*order(make_ref("one"), "alice", cpu=5), create(make_ref("two"))])
        assert [str(outcome.status) for outcome in outcomes] == ["done", "done", "done", "failed"]
        assert "a_one" in slurm.accounts()
        assert slurm.description("p_ocean") == "over there"
        there = slurm.rows("list", "assoc", "cluster=other", "format=account,user")
        assert sorted(there) == [["a_two", ""], ["p_ocean", ""], ["root", ""], ["root", "root"]]
    finally:
        slurm.sacctmgr("delete", "cluster", "other")
