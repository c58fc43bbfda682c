"""Whom slurmdbd shows all jobs."""

from __future__ import annotations

import pytest
from services.slurm_commands import Fault, SlurmCommands
from services.slurm_fixtures import RealSlurm
from waldur_agent_hookspecs import NotReady
from waldur_agent_slurm.accounting import Accounting
from waldur_agent_slurm.client import SlurmClient
from waldur_agent_slurm.rights import Rights

NOBODY = 65534


def _rights(uid: int) -> Rights:
    return Rights(Accounting(SlurmClient(None)), uid)


def _private(commands: SlurmCommands, what: str = "jobs") -> None:
    # Both parts of the answer have the line; that of slurm.conf comes first and does not count.
    real = ("PrivateData            = none", f"PrivateData            = {what}")
    commands.inject(Fault(program="sacctmgr", match="show configuration", replace=(real,), once=False))


def test_without_private_jobs_everybody_sees_all(slurm: RealSlurm) -> None:
    _rights(NOBODY).must_see_all_jobs()


def test_somebody_without_rights_is_not_taken_for_one_who_sees_all(
    slurm: RealSlurm, slurm_commands: SlurmCommands
) -> None:
    _private(slurm_commands, "accounts,jobs")
    with pytest.raises(NotReady, match=r"user nobody only its own.*adminlevel=Operator"):
        _rights(NOBODY).must_see_all_jobs()


@pytest.mark.parametrize("level", ["Operator", "Administrator"])
def test_with_rights_all_jobs_are_seen(slurm: RealSlurm, slurm_commands: SlurmCommands, level: str) -> None:
    slurm.sacctmgr("add", "user", "nobody", "account=root", f"adminlevel={level}")
    _private(slurm_commands)
    _rights(NOBODY).must_see_all_jobs()


def test_what_is_private_otherwise_does_not_matter(slurm: RealSlurm, slurm_commands: SlurmCommands) -> None:
    _private(slurm_commands, "accounts,users")
    _rights(NOBODY).must_see_all_jobs()


def test_slurms_own_user_sees_all(slurm: RealSlurm, slurm_commands: SlurmCommands) -> None:
    slurm_user = "SlurmUser              = root(0)", f"SlurmUser              = nobody({NOBODY})"
    private = "PrivateData            = none", "PrivateData            = jobs"
    slurm_commands.inject(
        Fault(program="sacctmgr", match="show configuration", replace=(slurm_user, private), once=False)
    )
    _rights(NOBODY).must_see_all_jobs()
    with pytest.raises(NotReady):
        _rights(NOBODY - 1).must_see_all_jobs()


def test_a_configuration_that_does_not_say_is_no_permission(slurm: RealSlurm, slurm_commands: SlurmCommands) -> None:
    slurm_commands.inject(Fault(program="sacctmgr", match="show configuration", output="Something = else\n"))
    with pytest.raises(NotReady):
        _rights(NOBODY).must_see_all_jobs()


def test_root_is_not_looked_up(slurm: RealSlurm, slurm_commands: SlurmCommands) -> None:
    with slurm_commands.counted() as calls:
        _rights(0).must_see_all_jobs()
    assert calls == []
