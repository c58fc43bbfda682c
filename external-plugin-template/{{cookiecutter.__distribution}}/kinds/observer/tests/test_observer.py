from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from waldur_agent_hookspecs import (
    AccountRef,
    AddMember,
    HealthStatus,
    Member,
    Outcome,
    OutcomeStatus,
    Party,
    PluginContext,
)

from {{ cookiecutter.__package }}.observer import {{ cookiecutter.__class }}
from {{ cookiecutter.__package }}.settings import Settings

REF = AccountRef("1" * 32, "a_climate", "climate", "Climate", Party("2" * 32, "ocean"), Party("3" * 32, "uni"))
JANE = Member("jdoe")


def observer(audit_file: Path, *, read_only: bool = False) -> {{ cookiecutter.__class }}:
    context = PluginContext("HPC", "0" * 32, read_only=read_only)
    return {{ cookiecutter.__class }}(Settings(audit_file=audit_file), context)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_what_became_of_a_change_is_written_down(tmp_path: Path) -> None:
    change = AddMember(ref=REF, reason="joined\nthe team", member=JANE)
    observer(tmp_path / "audit").hook_finished(Outcome(change, OutcomeStatus.FAILED, "no such user"))
    (line,) = lines(tmp_path / "audit")
    assert (line["what"], line["account"], line["status"]) == ("add_member", "a_climate", "failed")
    assert (line["reason"], line["text"]) == ("joined\nthe team", "no such user")


def test_who_is_in_an_account_is_written_down(tmp_path: Path) -> None:
    observer(tmp_path / "audit").members_synced(REF, [JANE, Member("asmith")])
    assert lines(tmp_path / "audit")[0]["members"] == ["asmith", "jdoe"]


def test_nothing_is_written_where_nothing_is_done(tmp_path: Path) -> None:
    observer(tmp_path / "audit", read_only=True).members_synced(REF, [JANE])
    assert not (tmp_path / "audit").exists()


@pytest.mark.parametrize(
    ("folder", "status"), [("", HealthStatus.GOOD), ("nowhere", HealthStatus.BAD)], ids=["good", "bad"]
)
def test_whether_it_can_be_written_is_told(tmp_path: Path, folder: str, status: HealthStatus) -> None:
    (health,) = observer(tmp_path / folder / "audit").check_health()
    assert health.status is status
