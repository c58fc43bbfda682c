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


def test_without_a_true_answer_about_jobs_nothing_is_cancelled_or_deleted(
    slurm: RealSlurm, slurm_commands: SlurmCommands, plugin: SlurmPlugin
) -> None:
    (ref,) = _made(plugin, "one", users=("alice",))
    slurm_commands.inject(Fault(program="squeue", run=False, errors="Unable to contact slurm controller\n", status=1))
    (outcome,) = plugin.apply_changes([delete(ref)])
    assert outcome.status == "not ready"
    assert "Unable to contact slurm controller" in outcome.text
    for garbage in ("CLUSTER: test\n", "--all|a_one\n", "12|a_one"):
        slurm_commands.inject(Fault(program="squeue", run=False, output=garbage))
        assert plugin.apply_changes([delete(ref)])[0].status == "not ready"
    assert slurm_commands.calls("scancel") == []
    assert not slurm_commands.untouched_faults
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


def test_what_others_made_stays_with_what_it_needs(slurm: RealSlurm, plugin: SlurmPlugin) -> None:
    slurm.sacctmgr("add", "account", "p_untagged", "description=by hand")
    refs = [
        *_made(plugin, "below", project="with-foreign-account"),
        *_made(plugin, "used", project="with-foreign-user"),
        *_made(plugin, "old", project="untagged"),
        *_made(plugin, "moved", project="left"),
        *_made(plugin, "kin", users=("alice",), project="shared")[:1],
        *_made(plugin, "gone", users=("alice", "erin"), project="ends"),
    ]
    _made(plugin, "kept", users=("alice",), project="shared")
    slurm.load(
        "Parent - 'root'",
        "Account - 'beside'",
        "Parent - 'p_with-foreign-account'",
        "Account - 'foreign'",
        "Parent - 'p_left'",
        "Account - 'stays'",
        *("Parent - 'foreign'", "User - 'carol'"),
        *("Parent - 'p_with-foreign-user'", "User - 'carol'"),
        *("Parent - 'a_gone'", "User - 'carol'", "User - 'dave'"),
        *("Parent - 'root'", "User - 'dave'"),
    )
    slurm.sacctmgr("modify", "account", "a_moved,stays", "set", "parent=beside")
    assert set(ends(plugin.apply_changes([delete(ref) for ref in refs]))) == {"done"}
    left = {name: account.parent for name, account in slurm.accounts().items()}
    customer = {"c_example-uni": "root"}
    assert left == customer | {
        "beside": "root",
        "stays": "beside",
        "p_untagged": "root",
        "p_left": "c_example-uni",
        "p_with-foreign-account": "c_example-uni",
        "foreign": "p_with-foreign-account",
        "p_with-foreign-user": "c_example-uni",
        "p_shared": "c_example-uni",
        "a_kept": "p_shared",
    }
    assert slurm.members() == {
        "foreign": {"carol"},
        "p_with-foreign-user": {"carol"},
        "a_kept": {"alice"},
        "root": {"dave"},
    }
    users = slurm.users()
    assert set(users) == {"alice", "carol", "dave"}
    assert (users["alice"], users["dave"]) == ("a_kept", "root")
    assert users["carol"] in {"foreign", "p_with-foreign-user"}


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
    assert slurm.rows("list", "user", "format=user,admin") == [["boss", "Operator"], ["root", "Administrator"]]


def test_what_is_not_only_ours_is_held_and_holds_up_nobody_else(slurm: RealSlurm, plugin: SlurmPlugin) -> None:
    held, easy, _ = _made(plugin, "held", "easy", "tagged", users=("alice",))
    slurm.load(
        *("Parent - 'a_held'", "Account - 'group_a'", "Account - 'group_b'"),
        *("Parent - 'group_a'", "User - 'carol'"),
        *("Parent - 'p_ocean'", "Account - 'a_untagged'"),
    )
    refs = [
        held,
        make_ref("two", backend_id="root"),
        make_ref("three", backend_id="p_ocean"),
        make_ref("four", backend_id="a_tagged"),
        make_ref("untagged"),
        easy,
    ]
    outcomes = plugin.apply_changes([delete(ref) for ref in refs])
    assert [str(outcome.status) for outcome in outcomes] == ["held", "held", "held", "held", "unchanged", "done"]
    assert "group_a, group_b" in outcomes[0].text
    assert "the site's own" in outcomes[1].text
    assert "the project" in outcomes[2].text
    assert "tagged as made for the resource" in outcomes[3].text
    assert "a_easy" not in slurm.accounts()
    assert slurm.members() == {"a_held": {"alice"}, "a_tagged": {"alice"}, "group_a": {"carol"}}


def test_the_last_of_a_project_and_a_new_one_in_one_batch(slurm: RealSlurm, plugin: SlurmPlugin) -> None:
    (old,) = _made(plugin, "old", users=("alice",))
    outcomes = plugin.apply_changes([*order(make_ref("new"), "alice"), delete(old)])
    assert ends(outcomes) == ["done", "done", "done"]
    assert set(slurm.accounts()) == {"c_example-uni", "p_ocean", "a_new"}
    assert slurm.users() == {"alice": "a_new"}


def test_a_project_account_left_behind_by_a_crash_is_residue_and_goes(slurm: RealSlurm, plugin: SlurmPlugin) -> None:
    (ref,) = _made(plugin, "one")
    slurm.sacctmgr("modify", "account", "a_one", "set", "GrpTRESMins=cpu=5")
    slurm.sacctmgr("delete", "account", "a_one")
    state = plugin.list_accounts([ref])[ref.resource_uuid]
    assert not state.exists
    assert "p_ocean" in state.residue
    assert plugin.delete_account(ref) is True
    assert set(slurm.accounts()) == {"c_example-uni"}
    assert plugin.list_accounts([ref])[ref.resource_uuid].residue == ""
    assert plugin.delete_account(ref) is False
    # SLURM revives deleted rows: the new account must have nothing of the old one.
    assert ends(plugin.apply_changes([create(make_ref("one", name="Again"))])) == ["done"]
    assert slurm.limits("a_one") == ""
    assert slurm.description("a_one").startswith("again (waldur")
