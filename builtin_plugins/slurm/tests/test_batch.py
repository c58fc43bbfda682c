"""Whole plans when things go wrong: killed agents, daemons that stop, missing rights."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from services.slurm_commands import Fault, SlurmCommands
from services.slurm_fixtures import RealSlurm
from services.slurm_plans import PluginMaker, create, delete, ends, make_ref, order, set_limits
from waldur_agent_hookspecs import AccountRef, NotReady
from waldur_agent_slurm.backend import SlurmPlugin

TESTS = Path(__file__).parents[3] / "tests"


def _agent(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "services.slurm_child", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=environment)


def _made(slurm: RealSlurm) -> bool:
    accounts, members = slurm.accounts(), slurm.members()
    names = {"c_example-uni", "p_ocean", "a_one", "a_two"}
    limits = {accounts[name].limits for name in ("a_one", "a_two") if name in accounts}
    return (
        set(accounts) == names
        and limits == {"cpu=7"}
        and members == {n: {"alice", "bob"} for n in ("a_one", "a_two")}
    )


@pytest.mark.parametrize("moment", ["before", "during", "after"])
def test_killed_at_the_write_of_a_creation_the_next_run_completes_it(
    moment: str, slurm: RealSlurm, slurm_commands: SlurmCommands
) -> None:
    slurm_commands.inject(
        Fault(program="sacctmgr", match="-i load", kill=moment, sleep=1 if moment == "during" else 0)
    )
    assert _agent("create", "one", "two").returncode == -signal.SIGKILL
    again = _agent("create", "one", "two")
    assert again.returncode == 0, again.stderr
    assert set(again.stdout.split()) == ({"done"} if moment == "before" else {"unchanged"})
    assert _made(slurm)


def test_killed_after_every_single_write_of_a_termination_it_gets_done(
    slurm: RealSlurm, slurm_commands: SlurmCommands
) -> None:
    assert _agent("create", "one", "two").returncode == 0
    slurm.load("Parent - 'root'", "Account - 'beside'", "Parent - 'beside'", "User - 'bob'")
    kills = 0
    while True:
        slurm_commands.inject(Fault(program="sacctmgr", match="-i ", kill="after"))
        run = _agent("delete", "one", "two")
        if run.returncode == 0:
            break
        assert run.returncode == -signal.SIGKILL, run.stderr
        kills += 1
        assert kills < 10, slurm_commands.writes
    assert kills >= 4
    assert set(slurm.accounts()) == {"c_example-uni", "beside"}
    assert slurm.members() == {"beside": {"bob"}}
    assert slurm.users() == {"bob": "beside"}


def test_slurmdbd_that_stops_between_two_commands_leaves_everything_asked_again(
    slurm: RealSlurm, slurm_commands: SlurmCommands, plugin: SlurmPlugin
) -> None:
    ref = make_ref("one")
    assert set(ends(plugin.apply_changes(order(ref, "alice", cpu=1)))) == {"done"}
    slurm.stop("slurmdbd")
    try:
        with pytest.raises(NotReady, match=r"sacctmgr .*exit status 1: .*is it running"):
            plugin.list_accounts([ref])
        with pytest.raises(NotReady):
            plugin.apply_changes([delete(ref)])
    finally:
        slurm.start()
    assert slurm.members() == {"a_one": {"alice"}}
    refused = "sacctmgr: error: Sending PersistInit msg: Connection refused\n"
    for match in ("-i load", "list tres"):
        slurm_commands.inject(Fault(program="sacctmgr", match=match, run=False, errors=refused, status=1))
        outcomes = plugin.apply_changes(order(make_ref("two"), "alice", cpu=1))
        assert {outcome.status for outcome in outcomes} == {"not ready"}
        assert "Connection refused" in outcomes[0].text
    assert set(slurm.accounts()) == {"c_example-uni", "p_ocean", "a_one"}


def test_a_write_that_failed_but_happened_is_seen_by_reading_back(
    slurm: RealSlurm, slurm_commands: SlurmCommands, plugin: SlurmPlugin
) -> None:
    slurm_commands.inject(Fault(program="sacctmgr", match="-i load", errors="Connection reset by peer\n", status=1))
    assert set(ends(plugin.apply_changes(order(make_ref("one"), "alice", cpu=1)))) == {"done"}
    slurm_commands.inject(
        Fault(program="sacctmgr", match="delete account", errors="Connection reset by peer\n", status=1)
    )
    assert ends(plugin.apply_changes([delete(make_ref("one"))])) == ["done"]
    assert set(slurm.accounts()) == {"c_example-uni"}


def test_a_write_that_succeeded_but_did_nothing_is_seen_by_reading_back(
    slurm: RealSlurm, slurm_commands: SlurmCommands, plugin: SlurmPlugin
) -> None:
    slurm_commands.inject(Fault(program="sacctmgr", match="-i load", run=False, output=" Done\n"))
    outcomes = plugin.apply_changes(order(make_ref("one"), "alice", cpu=1))
    assert {outcome.status for outcome in outcomes} == {"not ready"}
    assert "does not show it on the account a_one" in outcomes[0].text


def test_when_the_reading_back_fails_nothing_is_claimed(
    slurm: RealSlurm, slurm_commands: SlurmCommands, plugin: SlurmPlugin
) -> None:
    (one, two) = make_ref("one"), make_ref("two")
    assert ends(plugin.apply_changes([create(two)])) == ["done"]
    slurm_commands.inject(Fault(program="sacctmgr", match="parentname,grptresmins", skip=1, output="", run=False))
    outcomes = plugin.apply_changes([*order(one, "alice"), delete(two)])
    assert {outcome.status for outcome in outcomes} == {"not ready"}
    assert {"a_one", "a_two"} <= set(slurm.accounts())
    slurm_commands.inject(Fault(program="sacctmgr", match="parentname,grptresmins", skip=1, keep=100))
    (outcome,) = plugin.apply_changes([delete(two)])
    assert outcome.status == "not ready"
    assert "p_ocean" in slurm.accounts()


UNTRUE = [
    Fault(program="sacctmgr", match="list assoc", run=False, output=""),
    Fault(program="sacctmgr", match="list assoc", run=False, output="<html>Service unavailable</html>\n"),
    Fault(program="sacctmgr", match="list assoc", keep=90),
    Fault(program="sacctmgr", match="list assoc", run=False, errors="Access/permission denied\n", status=1),
    Fault(program="sacctmgr", match="list user", run=False, output=""),
    Fault(program="sacctmgr", match="list account", run=False, output=""),
    Fault(program="sacctmgr", match="list account", keep=20),
]


def test_an_answer_that_cannot_be_trusted_deletes_and_cancels_nothing(
    slurm: RealSlurm, slurm_commands: SlurmCommands, plugin: SlurmPlugin
) -> None:
    ref = make_ref("one")
    slurm.load(
        *("Parent - 'root'", "Account - 'p_ocean'", "Parent - 'p_ocean'"),
        f"Account - 'a_one':Description='x (waldur {ref.resource_uuid})':Organization='o'",
        *("Parent - 'a_one'", "User - 'alice'"),
    )
    plugin.list_accounts([])
    for fault in UNTRUE:
        slurm_commands.inject(fault)
        assert _ended(plugin, ref) == "not ready", fault
        assert not slurm_commands.untouched_faults, fault
    assert not slurm_commands.writes
    assert not slurm_commands.calls("scancel")
    assert slurm.members() == {"a_one": {"alice"}}
    assert _ended(plugin, ref) == "done"


def test_an_account_that_one_answer_shows_and_another_does_not_is_not_gone(
    slurm: RealSlurm, slurm_commands: SlurmCommands, plugin: SlurmPlugin
) -> None:
    assert ends(plugin.apply_changes([create(make_ref("one")), create(make_ref("two"))])) == ["done", "done"]
    whole_lines = f"{slurm.name}|root|||||normal|\n{slurm.name}|c_example-uni||||root|normal|\n"
    shown = Fault(program="sacctmgr", match="parentname,grptresmins", run=False, output=whole_lines)
    slurm_commands.inject(shown)
    (outcome,) = plugin.apply_changes([delete(make_ref("one", backend_id="a_one"))])
    assert outcome.status == "not ready"
    assert "in one answer and not in another" in outcome.text
    # The project account looks empty only in an answer that lacks what is below it.
    whole_lines += f"{slurm.name}|p_ocean|||c_example-uni||normal|\n"
    slurm_commands.inject(
        Fault(program="sacctmgr", match="parentname,grptresmins", skip=1, run=False, output=whole_lines)
    )
    assert ends(plugin.apply_changes([delete(make_ref("one", backend_id="a_one"))])) == ["done"]
    assert set(slurm.accounts()) == {"c_example-uni", "p_ocean", "a_two"}


def _ended(plugin: SlurmPlugin, ref: AccountRef) -> str:
    """How a termination ended; that nothing could be read to begin with is the same for core."""
    try:
        (outcome,) = plugin.apply_changes([delete(ref)])
    except NotReady:
        return "not ready"
    return str(outcome.status)


def test_without_rights_nothing_happens_and_the_remedy_is_said(
    slurm: RealSlurm, slurm_commands: SlurmCommands, plugin: SlurmPlugin
) -> None:
    slurm_commands.as_nobody()
    outcomes = plugin.apply_changes(order(make_ref("one"), "alice", cpu=1))
    assert {outcome.status for outcome in outcomes} == {"not ready"}
    assert "adminlevel=Administrator" in outcomes[0].text
    slurm.load("Parent - 'root'", "Account - 'mine'", "Parent - 'mine'", "User - 'alice'")
    (outcome,) = plugin.apply_changes([delete(make_ref("mine", backend_id="mine"))])
    assert outcome.status == "not ready"
    assert "denied" in outcome.text
    assert slurm.members() == {"mine": {"alice"}}


def test_nothing_is_written_while_the_agent_only_shows(
    slurm: RealSlurm, slurm_commands: SlurmCommands, make_plugin: PluginMaker
) -> None:
    ref = make_ref("one")
    plugin = make_plugin(read_only=True)
    preview = plugin.preview_changes([*order(ref, "alice", cpu=5), set_limits(ref, mem=7)])
    assert preview.commands[0].startswith("sacctmgr -i load file=")
    assert "Account - 'a_one':Description=" in preview.commands[1]
    assert "GrpTRESMins='cpu=5,mem=7'" in preview.commands[1]
    assert "User - 'alice'" in preview.commands[1]
    with pytest.raises(NotReady, match="only shows"):
        plugin.apply_changes([create(ref)])
    assert not slurm_commands.writes
    assert slurm.accounts() == {}
