"""What each distribution brings along, and which versions it asks for."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def _manifest(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))


def _declared(folder: Path) -> list[Requirement]:
    manifest = _manifest(folder)
    project = manifest["project"]
    texts = [
        *project.get("dependencies", []),
        *(text for extra in project.get("optional-dependencies", {}).values() for text in extra),
        *(text for group in manifest.get("dependency-groups", {}).values() for text in group),
        *manifest.get("build-system", {}).get("requires", []),
    ]
    return [Requirement(text) for text in texts]


@pytest.fixture(scope="session")
def ours(distributions: list[Path]) -> dict[str, dict[str, Any]]:
    return {manifest["project"]["name"]: manifest for manifest in map(_manifest, distributions)}


@pytest.fixture(scope="session")
def others(root: Path, distributions: list[Path], ours: dict[str, Any]) -> list[Requirement]:
    """Every requirement that is not one of our own distributions."""
    everything = [requirement for folder in (root, *distributions) for requirement in _declared(folder)]
    return [requirement for requirement in everything if requirement.name not in ours]


@pytest.fixture(scope="session")
def constraints(root: Path) -> dict[str, str]:
    """Canonical name to version."""
    lines = (root / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [re.match(r"([\w.-]+)==([^\s;]+)", line) for line in lines]
    return {canonicalize_name(pin[1]): pin[2] for pin in pins if pin}


@pytest.mark.parametrize("part", ["pyproject.toml", "README.md", "tests"])
def test_every_distribution_is_complete(distributions: list[Path], part: str) -> None:
    assert [str(folder) for folder in distributions if not (folder / part).exists()] == []


def test_every_distribution_has_tests_and_says_that_it_is_typed(distributions: list[Path]) -> None:
    for folder in distributions:
        (package,) = _manifest(folder)["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
        assert (folder / package / "py.typed").is_file()
        assert list((folder / "tests").rglob("test_*.py")), f"{folder} has no tests"


def test_every_distribution_is_in_the_workspace(root: Path, ours: dict[str, Any]) -> None:
    sources = _manifest(root)["tool"]["uv"]["sources"]
    assert sources == {name: {"workspace": True} for name in ours}


def test_our_own_distributions_go_together(distributions: list[Path], ours: dict[str, Any]) -> None:
    versions = {name: manifest["project"]["version"] for name, manifest in ours.items()}
    for requirement in (requirement for folder in distributions for requirement in _declared(folder)):
        if requirement.name in versions:
            assert str(requirement.specifier) == f"=={versions[requirement.name]}", str(requirement)


def test_every_requirement_says_from_which_version_on(others: list[Requirement]) -> None:
    lower = {">=", "==", "~=", ">"}
    assert [str(r) for r in others if not {specifier.operator for specifier in r.specifier} & lower] == []


def test_every_requirement_is_met_by_its_constraint(others: list[Requirement], constraints: dict[str, str]) -> None:
    assert len(others) > 10
    pinned = {str(r): constraints.get(canonicalize_name(r.name)) for r in others}
    unmet = {str(r) for r in others if not r.specifier.contains(pinned[str(r)] or "0", prereleases=True)}
    assert {text: pinned[text] for text in unmet} == {}


def test_python_is_the_same_everywhere(root: Path, ours: dict[str, Any]) -> None:
    wanted = {manifest["project"]["requires-python"] for manifest in (_manifest(root), *ours.values())}
    assert wanted == {">=3.11"}


def test_there_is_no_second_list_of_versions(tracked: list[Path]) -> None:
    names = {path.name for path in tracked}
    assert names & {"uv.lock", "poetry.lock", "Pipfile.lock", "requirements.txt", "setup.py"} == set()
