"""Every check fails where its promise is broken, and names the hook at fault; none fails where nothing is."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from waldur_agent_hookspecs.conformance import checks
from waldur_agent_hookspecs.conformance.check import checks_of

from .broken import suite
from .broken.table import FAULTS, Fault

EVERY_CHECK = [
    one.id
    for area in (checks.PluginChecks, checks.BackendChecks, checks.UsernameChecks, checks.ObserverChecks)
    for one in checks_of(area)
]


@pytest.fixture(scope="session")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, dict[str, Any]]]:
    """What the checks came to, by class and id: one run of pytest for all of them."""
    directory = tmp_path_factory.mktemp("bites")
    shutil.copytree(Path(suite.__file__).parent, directory / "broken")
    report = directory / "report.json"
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "--tb=short",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:hypothesispytest",
    ]
    files = [f"--rootdir={directory}", f"--conformance-report={report}", "broken/suite.py"]
    done = subprocess.run([*command, *files], cwd=directory, capture_output=True, text=True, timeout=300, check=False)
    assert report.exists(), done.stdout + done.stderr
    found = json.loads(report.read_text(encoding="utf-8"))["plugins"]
    return {one["plugin"].partition(":")[2]: {check["id"]: check for check in one["checks"]} for one in found}


def _fault_name(fault: Fault) -> str:
    return fault.plugin.__name__


@pytest.mark.parametrize("fault", FAULTS, ids=_fault_name)
def test_it_is_caught(outcomes: dict[str, dict[str, dict[str, Any]]], fault: Fault) -> None:
    came_to = outcomes[fault.plugin.__name__]
    assert {name: came_to[name]["outcome"] for name in fault.checks} == dict.fromkeys(fault.checks, "failed")
    named = {came_to[name]["hook"] for name in fault.checks}
    assert named == {fault.hook}, [came_to[name]["message"] for name in fault.checks]
    assert all(came_to[name]["message"].count("\n") for name in fault.checks)


def test_without_a_fault_nothing_is_found(outcomes: dict[str, dict[str, dict[str, Any]]]) -> None:
    came_to = outcomes["MemoryPlugin"]
    assert {name: one["message"] for name, one in came_to.items() if one["outcome"] != "passed"} == {}
    assert sorted(came_to) == sorted(EVERY_CHECK)


def test_for_every_check_there_is_a_fault() -> None:
    caught = {name for fault in FAULTS for name in fault.checks}
    assert sorted(set(EVERY_CHECK) - caught) == []
    assert sorted(caught - set(EVERY_CHECK)) == []


def test_every_check_has_an_id_and_a_name_of_its_own() -> None:
    assert len(EVERY_CHECK) > 100
    assert len(set(EVERY_CHECK)) == len(EVERY_CHECK)
    every = type(
        "Every", (checks.PluginChecks, checks.BackendChecks, checks.UsernameChecks, checks.ObserverChecks), {}
    )
    defined = [name for area in every.__mro__ for name in vars(area) if name.startswith("test_")]
    assert len(set(defined)) == len(defined)
