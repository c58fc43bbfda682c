"""The hooks, as functions by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from waldur_agent_hookspecs import PROJECT, specs

Hooks = dict[str, Callable[..., Any]]


@pytest.fixture(scope="session")
def hooks() -> Hooks:
    return {name: value for name, value in vars(specs).items() if hasattr(value, f"{PROJECT}_spec")}
