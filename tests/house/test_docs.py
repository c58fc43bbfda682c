"""The pages for whoever installs it: those made from the code are current, and what they name exists."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)(?:#[^)]*)?\)")


def test_the_configuration_reference_is_current(root: Path) -> None:
    agent = str(Path(sys.executable).with_name("waldur-agent"))
    made = subprocess.run([agent, "schema", "--markdown"], check=True, capture_output=True, text=True).stdout
    assert (root / "docs" / "configuration.md").read_text(encoding="utf-8") == made, "run make docs"


def test_the_list_of_conformance_checks_is_current(root: Path) -> None:
    command = [sys.executable, "-m", "waldur_agent_hookspecs.conformance"]
    made = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert (root / "docs" / "conformance.md").read_text(encoding="utf-8") == made, "run make docs"


def test_every_key_has_a_meaning(root: Path) -> None:
    lines = (root / "docs" / "configuration.md").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("| `") and line.endswith("|  |")] == []


def test_links_between_the_pages_lead_somewhere(root: Path) -> None:
    pages = [root / "README.md", root / "CONTRIBUTING.md", *(root / "docs").glob("*.md")]
    targets = [(page, target) for page in pages for target in LINK.findall(page.read_text(encoding="utf-8"))]
    assert len(targets) > 10
    dead = [f"{page.name}: {target}" for page, target in targets if not (page.parent / target).exists()]
    assert dead == []


@pytest.mark.parametrize("name", ["deployment.md", "troubleshooting.md"])
def test_every_command_that_a_page_names_exists(root: Path, name: str) -> None:
    from waldur_agent.cli.arguments import COMMANDS

    text = (root / "docs" / name).read_text(encoding="utf-8")
    named = re.findall(r"(?:^|`)(?:/\S*/bin/)?waldur-agent +([a-z][a-z-]*)", text, re.MULTILINE)
    assert named
    assert set(named) <= set(COMMANDS)


def test_every_error_that_is_explained_is_one_that_the_agent_says(root: Path, modules: list[Path]) -> None:
    sources = "\n".join(
        # A text may go on in the next line of the source.
        re.sub(r"\"\s*\n\s*f?\"", "", path.read_text(encoding="utf-8"))
        for path in modules
        if "tests" not in path.parts
    )
    page = (root / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
    headings = re.findall(r"^### (.*)$", page, re.MULTILINE)
    pieces = [piece for heading in headings for piece in re.findall(r"`([^`]*)`", heading)]
    assert len(pieces) > 20
    not_ours = {"Could not establish a configuration source"}
    assert [piece for piece in pieces if piece not in sources and piece not in not_ours] == []
