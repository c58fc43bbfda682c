"""Reading and changing slurmdbd, on the real one."""

from __future__ import annotations

from pathlib import Path

import pytest
from services.slurm_commands import Fault, SlurmCommands
from services.slurm_fixtures import RealSlurm
from waldur_agent_hookspecs import NotReady
from waldur_agent_hookspecs.commands import CommandFailed
from waldur_agent_slurm.accounting import Accounting
from waldur_agent_slurm.client import SlurmClient


@pytest.fixture
def accounting(slurm: RealSlurm) -> Accounting:
    return Accounting(SlurmClient(None), slurm.name)


def test_all_that_slurmdbd_holds_is_read(slurm: RealSlurm, accounting: Accounting) -> None:
    slurm.load(
        *("Parent - 'root'", "Account - 'p':Description='Nice = name, (waldur x)':Organization='o'"),
        *("Parent - 'p'", "Account - 'a'", "Parent - 'a'", "User - 'alice'"),
    )
    assert accounting.snapshot().members["a"] == {"alice": ""}
    assert accounting.descriptions({"p", "nosuch"}, present={"p"}) == {"p": "nice = name, (waldur x)"}
    assert {"cpu", "mem", "gres/gpu", "billing"} <= accounting.tres()
    (alice,) = (one for one in accounting.memberships() if one.user == "alice")
    assert (alice.account, alice.default_account, alice.admin) == ("a", "a", False)
    assert accounting.reach({"p"}) == {"p", "a"}
    assert accounting.reach({"nosuch"}) == frozenset()
    assert accounting.deleted_parents({"nosuch"}) == {}


def test_a_list_of_names_too_long_for_an_argument_is_asked_without_it(
    slurm: RealSlurm, slurm_commands: SlurmCommands, accounting: Accounting
) -> None:
    slurm.load("Parent - 'root'", "Account - 'p'", "Account - 'q'")
    names = {"p", *(f"{number:0100}" for number in range(1000))}
    assert accounting.descriptions(names, present={"p"}) == {"p": "p"}
    assert "account=" not in " ".join(slurm_commands.calls()[-1].arguments)


def test_that_there_was_nothing_to_change_is_no_failure(slurm: RealSlurm, accounting: Accounting) -> None:
    accounting.change(["delete", "account", "where", "name=nosuch", f"cluster={slurm.name}"])
    slurm.load("Parent - 'root'", "Account - 'p'")
    accounting.change(["add", "account", "name=p", f"cluster={slurm.name}"])
    with pytest.raises(CommandFailed, match="nosuch"):
        accounting.change(["add", "user", "name=alice", "account=nosuch", f"cluster={slurm.name}"])


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        ("sacctmgr: error: Connection refused", "slurmdbd does not answer"),
        ("sacctmgr: error: Munge encode failed", "munged does not answer"),
        (" Your uid (5) is not in the accounting system, can't load file.", "adminlevel=Administrator"),
        (" Your user does not have sufficient privileges to load files.", "adminlevel=Administrator"),
        ("", "it said nothing"),
    ],
)
def test_a_failure_names_the_command_its_status_and_what_to_do(
    said: str, remedy: str, slurm_commands: SlurmCommands, accounting: Accounting
) -> None:
    slurm_commands.inject(Fault(program="sacctmgr", run=False, errors=said, status=1))
    with pytest.raises(NotReady, match=r"^sacctmgr -nP list tres .* ended with exit status 1: ") as caught:
        accounting.tres()
    assert remedy in str(caught.value)


def test_a_load_file_is_gone_afterwards(slurm_commands: SlurmCommands, accounting: Accounting) -> None:
    slurm_commands.inject(Fault(program="sacctmgr", match="load", run=False))
    accounting.load("Cluster - 'test'\n")
    (call,) = slurm_commands.writes
    assert call.arguments[1] == "load"
    assert not Path(call.arguments[2].partition("=")[2]).exists()
