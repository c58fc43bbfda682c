"""Tests run real things, or fakes that keep state; nothing of ours is patched away."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _patches(path: Path) -> bool:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    attributes = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    arguments = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    return (
        any(name.startswith("unittest.mock") or name == "mock" for name in _imports(tree))
        or "monkeypatch.setattr" in attributes
        or "mocker" in arguments
    )


def test_nothing_is_patched(modules: list[Path]) -> None:
    assert [str(path) for path in modules if _patches(path)] == []
