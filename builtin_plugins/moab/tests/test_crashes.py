"""SIGKILL at the boundary of every command that changes something: what was begun is finished, deposits are right."""

from __future__ import annotations

import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from services.mam import Mam
from services.mam_plans import cycle, make_plugin, make_ref
from waldur_agent_hookspecs import OrderType

TESTS = Path(__file__).parents[3] / "tests"


def until_it_gets_through(mam: Mam, moment: str, kind: str) -> int:
    done = subprocess.run(
        [sys.executable, "-m", "services.mam_child", str(mam.folder), moment, kind],
        env={**os.environ, "PYTHONPATH": str(TESTS)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return int(done.stdout.rsplit("killed ", 1)[1])


@pytest.mark.parametrize(
    ("moment", "variants"),
    [
        ("after", []),
        ("before", []),
        ("during", []),
        ("after", ["no-transactions", "no-users-column", "adding-a-member-again-fails"]),
    ],
)
def test_a_life_in_which_every_command_is_the_last_once(mam: Mam, moment: str, variants: list[str]) -> None:
    mam.add_users("jdoe", "asmith")
    mam.plays(*variants)
    open_to_all = mam.add_open_fund()
    # Two accounts with a fund each, a deposit, two members; and back.
    creating, ending = (3, 1) if moment == "before" else (7, 4)
    assert until_it_gets_through(mam, moment, "Create") >= creating
    assert mam.deposits("a_climate") == [100]
    assert mam.accounts() == {"p_ocean": "p_ocean", "a_climate": "p_ocean"}
    assert len(mam.funds("a_climate")) == 1
    assert mam.members("a_climate") == {"jdoe", "asmith"}

    mam.deposit("a_climate", "30", "by hand")
    assert until_it_gets_through(mam, moment, "Update") >= 1
    assert mam.deposits("a_climate") == [100, 30, 50]

    assert until_it_gets_through(mam, moment, "Terminate") >= ending
    assert (mam.accounts(), mam.funds()) == ({}, [open_to_all])
    assert sum(mam.deposits("a_climate")) == 180


@pytest.mark.parametrize("unknown", [["no-transactions"], ["no-transactions", "no-allocations"]])
def test_where_only_a_sum_is_known_it_is_right_as_well(mam: Mam, unknown: list[str]) -> None:
    mam.plays("one-allocation", *unknown)
    mam.add_users("jdoe", "asmith")
    cycle(make_plugin(), make_ref(), OrderType.CREATE, limits={"deposit": Decimal(100)})
    assert until_it_gets_through(mam, "after", "Update") == 1
    assert mam.deposits("a_climate") == [100, 50]
