"""Sizes and names, so that a reader guesses the file from the feature and can hold it in mind."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles

LONGEST_MODULE = 400
MEDIAN_MODULE = 120
LONGEST_FUNCTION = 60
MOST_FUNCTIONS = 30

NAMES_THAT_SAY_NOTHING = {"base", "common", "helper", "helpers", "misc", "util", "utils"}
BY_THE_NAME_OF_A_PLUGIN = {"builtin_plugins/usernames/waldur_agent_usernames/base.py"}
"""The configuration calls this plugin ``base``, and has done so for years."""


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def _functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{path}:{node.lineno} {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_module_is_too_long(modules: list[Path]) -> None:
    assert {str(path): _lines(path) for path in modules if _lines(path) > LONGEST_MODULE} == {}


def test_modules_are_short(modules: list[Path]) -> None:
    sources = [_lines(path) for path in modules if "tests" not in path.parts]
    assert median(lines for lines in sources if lines > 5) < MEDIAN_MODULE


def test_no_function_is_too_long(modules: list[Path]) -> None:
    sizes = dict(function for path in modules for function in _functions(path))
    assert {name: lines for name, lines in sizes.items() if lines > LONGEST_FUNCTION} == {}


def test_nine_functions_in_ten_are_short(modules: list[Path]) -> None:
    sizes = [lines for path in modules for _, lines in _functions(path)]
    assert quantiles(sizes, n=10)[-1] < MOST_FUNCTIONS


def test_every_module_is_named_after_its_subject(modules: list[Path], root: Path) -> None:
    nothing = [path.relative_to(root) for path in modules if {path.stem, path.parent.name} & NAMES_THAT_SAY_NOTHING]
    assert [str(path) for path in nothing if str(path) not in BY_THE_NAME_OF_A_PLUGIN] == []


def test_every_module_has_lazy_annotations(modules: list[Path]) -> None:
    line = "from __future__ import annotations"
    with_code = [path for path in modules if ast.parse(path.read_text(encoding="utf-8")).body[1:]]
    assert [str(path) for path in with_code if line not in path.read_text(encoding="utf-8")] == []
