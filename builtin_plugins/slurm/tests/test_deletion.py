"""Terminations on a real cluster, with real jobs."""

from __future__ import annotations

import getpass

from services.slurm_commands import Fault, SlurmCommands
from services.slurm_fixtures import RealSlurm
from services.slurm_plans import create, delete, ends, make_ref, order
from waldur_agent_hookspecs import AccountRef
from waldur_agent_slurm.backend import SlurmPlugin

ME = getpass.getuser()


def _made(plugin: SlurmPlugin, *slugs: str, users: tuple[str, ...] = (), project: str = "ocean") -> list[AccountRef]:
    """Accounts as earlier orders made them, with the ids that Waldur then carries."""
    refs = [make_ref(slug, project=project) for slug in slugs]
    assert set(ends(plugin.apply_changes([change for ref in refs for change in order(ref, *users)]))) == {"done"}
    return [make_ref(slug, project=project, backend_id=f"a_{slug}") for slug in slugs]


def test_fifty_accounts_with_shared_members_need_few_commands(
    slurm: RealSlurm, slurm_commands: SlurmCommands, plugin: SlurmPlugin
) -> None:
    refs = _made(plugin, *(f"r{number}" for number in range(50)), users=("alice", "bob", "carol"))
    slurm.sacctmgr("add", "account", "elsewhere")
    slurm.sacctmgr("add", "user", "bob", "account=elsewhere")
    with slurm_commands.counted() as calls:
        plugin.list_accounts(refs)
        outcomes = plugin.apply_changes([delete(ref) for ref in refs])
    assert set(ends(outcomes)) == {"done"}
    assert sum(call.program == "sacctmgr" for call in calls) <= 14
    assert set(slurm.accounts()) == {"c_example-uni", "elsewhere"}
    assert slurm.members() == {"elsewhere": {"bob"}}
    assert slurm.users() == {"bob": "elsewhere"}
    with slurm_commands.counted() as calls:
        again = plugin.apply_changes([delete(ref) for ref in refs])
    assert set(ends(again)) == {"unchanged"}
    assert not [call for call in calls if call.writes]


def test_running_jobs_end_and_those_of_others_go_on(slurm: RealSlurm, plugin: SlurmPlugin) -> None:
    gone, kept = _made(plugin, "gone", "kept", users=(ME,))
    running, array, other = slurm.submit("a_gone"), slurm.submit("a_gone", "--array=0-3%1"), slurm.submit("a_kept")
    slurm.wait_until_running(running)
    assert dict(plugin.preview_changes([delete(gone), delete(kept)]).jobs_at_risk) == {"a_gone": 5, "a_kept": 1}
    assert ends(plugin.apply_changes([delete(gone)])) == ["done"]
    assert {job for job, (account, _) in slurm.jobs().items() if account == "a_gone"} == set()
    assert running not in slurm.jobs()
    assert array not in slurm.jobs()
    assert other in slurm.jobs()
    assert set(slurm.accounts()) == {"c_example-uni", "p_ocean", "a_kept"}
    assert ME in slurm.members()["a_kept"]


def test_jobs_that_do_not_end_are_waited_for_and_hold_up_nobody_else(
    slurm: RealSlurm, slurm_commands: SlurmCommands, plugin: SlurmPlugin
) -> None:
    stuck, easy = _made(plugin, "stuck", "easy", users=(ME,))
    job = slurm.submit("a_stuck")
    slurm.wait_until_running(job)
    slurm_commands.inject(Fault(program="scancel", run=False, once=False))
    outcomes = plugin.apply_changes([delete(stuck), delete(easy)])
    assert [str(outcome.status) for outcome in outcomes] == ["waiting", "done"]
    assert "1 cancelled job(s) of the account a_stuck are still ending" in outcomes[0].text
    assert "a_easy" not in slurm.accounts()
    assert slurm.members()["a_stuck"] == {ME}
    slurm_commands.heal()
    assert ends(plugin.apply_changes([delete(stuck)])) == ["done"]


def test_without_slurmctld_nothing_is_deleted(
    slurm: RealSlurm, slurm_commands: SlurmCommands, plugin: SlurmPlugin
) -> None:
    refs = _made(plugin, "one", users=("alice",))
    said = "slurm_load_jobs error: Unable to contact slurm controller (connect failure)\n"
    slurm_commands.inject(Fault(program="squeue", run=False, errors=said, status=1))
    (outcome,) = plugin.apply_changes([delete(refs[0])])
    assert outcome.status == "not ready"
    assert "Unable to contact slurm controller" in outcome.text
    assert slurm.members() == {"a_one": {"alice"}}


def test_garbage_from_squeue_cancels_and_deletes_nothing(
    slurm: RealSlurm, slurm_commands: SlurmCommands, plugin: SlurmPlugin
) -> None:
    refs = _made(plugin, "one", users=("alice",))
    for garbage in ("CLUSTER: test\n", "--all|a_one\n", "12|a_one"):
        slurm_commands.inject(Fault(program="squeue", run=False, output=garbage))
        (outcome,) = plugin.apply_changes([delete(refs[0])])
        assert outcome.status == "not ready"
    assert slurm_commands.calls("scancel") == []
    assert slurm.members() == {"a_one": {"alice"}}


def test_a_job_that_slurmdbd_still_knows_of_is_waited_for(
    slurm: RealSlurm, slurm_commands: SlurmCommands, plugin: SlurmPlugin
) -> None:
    (ref,) = _made(plugin, "one", users=(ME,))
    slurm.wait_until_running(slurm.submit("a_one"))
    slurm_commands.inject(Fault(program="squeue", run=False, output="", once=False))  # what slurmctld has forgotten
    (outcome,) = plugin.apply_changes([delete(ref)])
    assert outcome.status == "waiting"
    assert "runawayjobs" in outcome.text
    assert slurm.members() == {"a_one": {ME}}


def test_a_member_elsewhere_keeps_that_and_gets_it_as_default(slurm: RealSlurm, plugin: SlurmPlugin) -> None:
    gone, *_ = _made(plugin, "gone", "kept", users=("alice",))
    slurm.sacctmgr("add", "user", "dave", "account=a_gone")
    slurm.sacctmgr("add", "user", "dave", "account=root")
    assert slurm.users() == {"alice": "a_gone", "dave": "a_gone"}
    assert ends(plugin.apply_changes([delete(gone)])) == ["done"]
    assert slurm.members() == {"a_kept": {"alice"}, "root": {"dave"}}
    assert slurm.users() == {"alice": "a_kept", "dave": "root"}


def test_associations_with_partitions_and_rights_in_slurmdbd(slurm: RealSlurm, plugin: SlurmPlugin) -> None:
    refs = _made(plugin, "one", "two", users=("alice",))
    for user, account, partition in (
        ("bob", "a_one", "debug"),
        ("bob", "a_one", "long"),
        ("alice", "a_two", "debug"),
    ):
        slurm.sacctmgr("add", "user", user, f"account={account}", f"partition={partition}")
    slurm.sacctmgr("add", "user", "boss", "account=a_one,a_two", "adminlevel=Operator")
    assert ends(plugin.apply_changes([delete(ref) for ref in refs])) == ["done", "done"]
    assert set(slurm.accounts()) == {"c_example-uni"}
    assert slurm.rows("list", "user", "boss", "format=user,admin") == [["boss", "Operator"]]
    assert set(slurm.users()) == {"boss"}


def test_an_account_with_others_below_is_held(slurm: RealSlurm, plugin: SlurmPlugin) -> None:
    held, easy = _made(plugin, "held", "easy", users=("alice",))
    slurm.sacctmgr("add", "account", "group_a,group_b", "parent=a_held")
    slurm.sacctmgr("add", "user", "carol", "account=group_a")
    outcomes = plugin.apply_changes([delete(held), delete(easy)])
    assert [str(outcome.status) for outcome in outcomes] == ["held", "done"]
    assert "group_a, group_b" in outcomes[0].text
    assert slurm.members() == {"a_held": {"alice"}, "group_a": {"carol"}}


def test_a_foreign_account_below_our_project_keeps_the_project(slurm: RealSlurm, plugin: SlurmPlugin) -> None:
    (ref,) = _made(plugin, "one", users=("alice",))
    slurm.sacctmgr("add", "account", "foreign", "parent=p_ocean")
    slurm.sacctmgr("add", "user", "carol", "account=foreign")
    slurm.sacctmgr("add", "account", "beside")
    assert ends(plugin.apply_changes([delete(ref)])) == ["done"]
    assert set(slurm.accounts()) == {"c_example-uni", "p_ocean", "foreign", "beside"}
    assert slurm.members() == {"foreign": {"carol"}}


def test_a_foreign_user_of_our_project_account_keeps_it(slurm: RealSlurm, plugin: SlurmPlugin) -> None:
    (ref,) = _made(plugin, "one")
    slurm.sacctmgr("add", "user", "carol", "account=p_ocean")
    assert ends(plugin.apply_changes([delete(ref)])) == ["done"]
    assert slurm.members() == {"p_ocean": {"carol"}}


def test_a_project_account_without_our_tag_stays(slurm: RealSlurm, plugin: SlurmPlugin) -> None:
    slurm.sacctmgr("add", "account", "p_ocean", "description=by hand")
    (ref,) = _made(plugin, "one")
    assert ends(plugin.apply_changes([delete(ref)])) == ["done"]
    assert set(slurm.accounts()) == {"c_example-uni", "p_ocean"} - {"c_example-uni"} | (
        {"c_example-uni"} & set(slurm.accounts())
    )
    assert "p_ocean" in slurm.accounts()


def test_an_account_moved_elsewhere_takes_no_project_with_it(slurm: RealSlurm, plugin: SlurmPlugin) -> None:
    ref, other = _made(plugin, "one", "two")
    slurm.sacctmgr("add", "account", "elsewhere")
    slurm.sacctmgr("modify", "account", "a_one", "set", "parent=elsewhere")
    slurm.sacctmgr("modify", "account", "a_two", "set", "parent=elsewhere")
    assert ends(plugin.apply_changes([delete(ref)])) == ["done"]
    assert set(slurm.accounts()) == {"c_example-uni", "p_ocean", "elsewhere", "a_two"}


def test_the_last_of_a_project_and_a_new_one_in_one_batch(slurm: RealSlurm, plugin: SlurmPlugin) -> None:
    (old,) = _made(plugin, "old", users=("alice",))
    outcomes = plugin.apply_changes([*order(make_ref("new"), "alice"), delete(old)])
    assert ends(outcomes) == ["done", "done", "done"]
    assert set(slurm.accounts()) == {"c_example-uni", "p_ocean", "a_new"}
    assert slurm.users() == {"alice": "a_new"}


def test_a_project_account_left_behind_by_a_crash_is_residue_and_goes(slurm: RealSlurm, plugin: SlurmPlugin) -> None:
    (ref,) = _made(plugin, "one", users=("alice",))
    slurm.sacctmgr("delete", "user", "alice", "account=a_one")
    slurm.sacctmgr("delete", "account", "a_one")
    state = plugin.list_accounts([ref])[ref.resource_uuid]
    assert not state.exists
    assert "p_ocean" in state.residue
    assert plugin.delete_account(ref) is True
    assert set(slurm.accounts()) == {"c_example-uni"}
    state = plugin.list_accounts([ref])[ref.resource_uuid]
    assert (state.exists, state.residue) == (False, "")
    assert plugin.delete_account(ref) is False


def test_what_is_not_ours_is_held(slurm: RealSlurm, plugin: SlurmPlugin) -> None:
    _made(plugin, "one", users=("alice",))
    for name, other in (("root", "two"), ("p_ocean", "three"), ("a_one", "four")):
        (outcome,) = plugin.apply_changes([delete(make_ref(other, backend_id=name))])
        assert outcome.status == "held", name
    (outcome,) = plugin.apply_changes([delete(make_ref("elsewhere-untagged"))])
    assert outcome.status == "unchanged"
    assert set(slurm.accounts()) == {"c_example-uni", "p_ocean", "a_one"}
    assert slurm.members() == {"a_one": {"alice"}}


def test_an_account_that_waldur_does_not_carry_is_deleted_by_its_tag_only(
    slurm: RealSlurm, plugin: SlurmPlugin
) -> None:
    _made(plugin, "one")
    slurm.sacctmgr("add", "account", "a_two", "parent=p_ocean", "description=by hand")
    outcomes = plugin.apply_changes([delete(make_ref("one")), delete(make_ref("two"))])
    assert [str(outcome.status) for outcome in outcomes] == ["done", "unchanged"]
    assert set(slurm.accounts()) == {"c_example-uni", "p_ocean", "a_two"}


def test_a_new_account_after_a_deletion_has_nothing_of_the_old(slurm: RealSlurm, plugin: SlurmPlugin) -> None:
    (old,) = _made(plugin, "one", users=("alice",))
    slurm.sacctmgr("modify", "account", "a_one", "set", "GrpTRESMins=cpu=5")
    assert ends(plugin.apply_changes([delete(old)])) == ["done"]
    assert ends(plugin.apply_changes([create(make_ref("one", name="Again"))])) == ["done"]
    assert slurm.limits("a_one") == ""
    assert slurm.members() == {}
    assert slurm.description("a_one").startswith("again (waldur")
