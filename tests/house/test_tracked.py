"""What must not be in any file: it would tie the project to one machine, or give something away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

MACHINE_PATH = re.compile(r"(?<![\w.}])/(?:work|workspace|root|Users|mnt)/[\w.]|\.\./shared")
PACKAGE_INDEX = re.compile(
    r"(?:index[-_]url|find[-_]links)[\s=:\"']+(?:https?:|file:|/)"
    r"|//[\w.-]*(?:artifactory|nexus|devpi|pypi(?!\.org\b))[\w.-]*\."
)
SECRET = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY|\b(?:ghp|glpat|xox[bp])[-_]\w{16}|\bAKIA[0-9A-Z]{16}\b")


def _found(pattern: re.Pattern[str], tracked: list[Path]) -> Iterator[str]:
    for path in tracked:
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if pattern.search(line):
                yield f"{path}:{number}: {line.strip()[:80]}"


@pytest.mark.parametrize("pattern", [MACHINE_PATH, PACKAGE_INDEX, SECRET], ids=["path", "index", "secret"])
def test_no_file_is_tied_to_a_machine(tracked: list[Path], pattern: re.Pattern[str]) -> None:
    assert list(_found(pattern, tracked)) == []


def test_no_file_names_this_very_checkout(tracked: list[Path], root: Path) -> None:
    assert list(_found(re.compile(re.escape(f"{root}/")), tracked)) == []


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (MACHINE_PATH, "see /" + "work/x"),
        (MACHINE_PATH, "cat '/" + "root/.netrc'"),
        (MACHINE_PATH, ".." + "/shared/x"),
        (PACKAGE_INDEX, "--extra-index" + "-url https://x"),
        (PACKAGE_INDEX, "https:/" + "/pypi.corp.example/simple"),
        (SECRET, "-----BEGIN RSA" + " PRIVATE KEY-----"),
    ],
)
def test_the_patterns_find_what_they_are_for(pattern: re.Pattern[str], text: str) -> None:
    assert pattern.search(text)


@pytest.mark.parametrize("text", ["/home/jdoe/x", "https://pypi.org/project/x", "a/work/b", "--no-emit-index-url -x"])
def test_the_patterns_leave_the_rest_alone(text: str) -> None:
    assert not any(pattern.search(text) for pattern in (MACHINE_PATH, PACKAGE_INDEX, SECRET))
