from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from waldur_agent_hookspecs import AccountRef, LimitChange, Member, Period
from waldur_agent_sandbox import SandboxPlugin
from waldur_agent_sandbox.__main__ import main, render

JOB = ["--start", "2026-03-01T12:00:00+02:00", "--minutes", "90", "cpu=4"]


def test_a_new_cluster_is_made_and_is_empty(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "waldur_agent_sandbox"]
    subprocess.run([*command, "init", tmp_path / "new"], check=True)
    shown = subprocess.run([*command, "show", tmp_path / "new"], check=True, capture_output=True, text=True)
    assert shown.stdout == "\n"


def test_the_tree_shows_limits_members_and_what_was_made_by_hand(
    plugin: SandboxPlugin, database: Path, ref: AccountRef
) -> None:
    plugin.create_account(ref)
    plugin.set_limits(ref, LimitChange({"cpu": Decimal(60000)}))
    for username in ("jdoe", "asmith"):
        plugin.add_member(ref, Member(username))
    assert main(["hand", str(database), "guests", "--parent", "p_ocean"]) == 0
    assert render(database).splitlines() == [
        "c_example-uni active",
        "  p_ocean active",
        "    a_climate active cpu=60000 [asmith, jdoe]",
        "    guests active (by hand)",
    ]


def test_a_job_is_used_time(plugin: SandboxPlugin, database: Path, ref: AccountRef) -> None:
    plugin.create_account(ref)
    assert main(["job", str(database), "a_climate", "jdoe", *JOB]) == 0
    day = Period(datetime(2026, 3, 1, 10, tzinfo=UTC), datetime(2026, 3, 1, 11, tzinfo=UTC))
    assert plugin.collect_usage([ref], day)["r-climate"].total == {"cpu": 240}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["job", "{}", "nowhere", "jdoe", *JOB], "job: FOREIGN KEY constraint failed"),
        (["show", "{}-not-there"], "show: the sandbox"),
    ],
)
def test_a_refusal_is_one_line(
    database: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert main([argument.format(database) for argument in arguments]) == 1
    captured = capsys.readouterr()
    assert captured.err.startswith(said)
    assert captured.err.count("\n") == 1


@pytest.mark.parametrize("bad", ["cpu", "=4", "cpu=many", "cpu=0", "cpu=NaN"])
def test_a_bad_amount_is_wrong_usage(database: Path, capsys: pytest.CaptureFixture[str], bad: str) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["job", str(database), "a", "jdoe", *JOB, bad])
    assert stopped.value.code == 2
    assert f"expected COMPONENT=AMOUNT, not '{bad}'" in capsys.readouterr().err
