"""What the template makes, and which answers it refuses."""

from __future__ import annotations

import re
import tomllib
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path

import pytest
import yaml
from cookiecutter.exceptions import FailedHookException  # type: ignore[import-untyped] # it has no types
from waldur_agent_hookspecs import ENTRY_POINT_GROUP, AccountRef, BackendError, Party, PluginContext

from .conftest import ROOT, Render

COMMON = {
    ".github/workflows/tests.yml",
    ".gitignore",
    "LICENSE",
    "README.md",
    "pyproject.toml",
    "tests/test_conformance.py",
    "waldur_agent_ocean/__init__.py",
    "waldur_agent_ocean/py.typed",
    "waldur_agent_ocean/settings.py",
}
OWN = {
    "backend": {
        "tests/test_names.py",
        "waldur_agent_ocean/backend.py",
        "waldur_agent_ocean/client.py",
        "waldur_agent_ocean/conformance.py",
        "waldur_agent_ocean/names.py",
        "waldur_agent_ocean/usage.py",
    },
    "username": {
        "tests/test_usernames.py",
        "waldur_agent_ocean/directory.py",
        "waldur_agent_ocean/usernames.py",
    },
    "observer": {
        "tests/test_observer.py",
        "waldur_agent_ocean/observer.py",
    },
}


@pytest.mark.parametrize("kind", OWN)
def test_exactly_these_files_are_made(render: Render, tmp_path: Path, kind: str) -> None:
    folder = render(plugin_name="ocean", kind=kind)
    assert folder == tmp_path / "waldur-agent-ocean"
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert files == COMMON | OWN[kind]
    assert [str(path) for path in folder.rglob("*") if path.is_dir() and not any(path.iterdir())] == []


@pytest.mark.parametrize("kind", OWN)
def test_nothing_of_the_template_is_left_in_it(render: Render, kind: str) -> None:
    for path in render(plugin_name="ocean", kind=kind).rglob("*"):
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        text = text.replace("${{ matrix.python }}", "")
        assert not re.search(r"cookiecutter|\{%|\{\{|\}\}", text), path


def test_a_plugin_depends_on_the_contract_alone(render: Render) -> None:
    folder = render(plugin_name="ocean", kind="backend", author='O\'Brien "X" \\ Søns')
    manifest = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
    project = manifest["project"]
    assert project["dependencies"] == ["waldur-agent-hookspecs>=0.1"]
    assert project["entry-points"] == {ENTRY_POINT_GROUP: {"ocean": "waldur_agent_ocean.backend:OceanPlugin"}}
    assert project["authors"] == [{"name": 'O\'Brien "X" \\ Søns'}]
    assert 'O\'Brien "X" \\ Søns' in (folder / "LICENSE").read_text(encoding="utf-8")


def test_its_ci_runs_what_its_readme_says(render: Render) -> None:
    folder = render(plugin_name="ocean")
    workflow = yaml.safe_load((folder / ".github/workflows/tests.yml").read_text(encoding="utf-8"))
    commands = [step["run"] for step in workflow["jobs"]["tests"]["steps"] if "run" in step]
    assert commands == ["pip install --editable .[test]", "ruff check .", "ruff format --check .", "mypy .", "pytest"]
    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert [command for command in commands if command.replace(".[test]", "'.[test]'") not in readme] == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("My Cluster", "such as 'my_cluster'"),
        ("my-cluster", "such as 'my_cluster'"),
        ("_ocean", "such as 'ocean'"),
        ("2ocean", "cannot be used"),
        ("", "cannot be used"),
        ("../ocean", "such as 'ocean'"),
        ("océan", "cannot be used"),
        ('x"; import os #', "cannot be used"),
        ("class", "a word of Python's own"),
        ("a" * 25, "at most 24 fit"),
        ("slurm", "taken by a plugin that comes with the agent"),
        ("base", "taken by a plugin that comes with the agent"),
    ],
)
def test_a_name_that_would_not_work_is_refused_and_nothing_made(
    render: Render, tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str, text: str
) -> None:
    with pytest.raises(FailedHookException):
        render(plugin_name=name)
    assert text in capfd.readouterr().err
    assert {path.name for path in tmp_path.iterdir()} <= {"cookiecutter.yaml", "replies"}


def test_a_licence_of_nobody_is_refused(render: Render, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(FailedHookException):
        render(plugin_name="ocean", author=" ")
    assert "author is empty" in capfd.readouterr().err


def test_every_name_of_ours_is_taken() -> None:
    hook = (ROOT / "external-plugin-template" / "hooks" / "pre_gen_project.py").read_text(encoding="utf-8")
    taken = set(re.findall(r'"(\w+)"', hook.partition("TAKEN = {")[2].partition("}")[0]))
    ours = {point.name for point in entry_points(group=ENTRY_POINT_GROUP)}
    folders = {path.parent.name for path in ROOT.glob("builtin_plugins/*/pyproject.toml")}
    assert taken == ours | folders | {"hookspecs"}


@pytest.mark.parametrize(("tag", "whose"), [("1" * 32, "its own"), ("4" * 32, "another's"), ("", "made by hand")])
def test_an_account_that_appears_since_it_looked_is_taken_for_what_it_is(
    render: Render, monkeypatch: pytest.MonkeyPatch, tag: str, whose: str
) -> None:
    monkeypatch.syspath_prepend(str(render(plugin_name="meanwhile", kind="backend")))
    backend = import_module("waldur_agent_meanwhile.backend")
    client = import_module("waldur_agent_meanwhile.client")
    system = client.system_at(f"memory:{whose}")
    plugin = backend.MeanwhilePlugin(backend.Settings(address=f"memory:{whose}"), PluginContext("HPC", "5" * 32))
    ref = AccountRef("1" * 32, "", "climate", "Climate", Party("2" * 32, "ocean"), Party("3" * 32, "uni"))

    class Late(client.Client):  # type: ignore[name-defined, misc]  # rendered just now
        def create(self, account: object) -> object:
            system.accounts["climate"] = client.Account("climate", tag, whose)
            return super().create(account)

    plugin._client = Late(f"memory:{whose}", read_only=False)
    if tag == ref.resource_uuid:
        assert plugin.create_account(ref=ref) == "climate"
    else:
        with pytest.raises(BackendError, match="belongs to somebody else"):
            plugin.create_account(ref=ref)
    assert system.accounts["climate"].tag == tag
