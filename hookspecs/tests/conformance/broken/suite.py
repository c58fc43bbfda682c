"""A suite for each fault, of the checks that have to catch it; and one for the backend without a fault."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any, ClassVar

import pytest
from waldur_agent_hookspecs.conformance import BackendConformance, ObserverConformance, UsernameConformance
from waldur_agent_hookspecs.conformance.check import check_of

from . import (  # noqa: F401 - they enter their faults into the table
    accounts,
    bulk,
    contract,
    heavy,
    limits,
    members,
    names,
    orders,
    ownership,
    reading,
    status,
    trouble,
    usage,
)
from .memory import MemoryPlugin
from .table import FAULTS

_NUMBERS = count()


class _InMemory(BackendConformance, UsernameConformance, ObserverConformance):
    cleans_up: ClassVar[bool] = False

    @pytest.fixture
    def settings(self) -> Mapping[str, object]:
        return {"cluster": f"number {next(_NUMBERS)}"}


def _suite(plugin: type[Any], checks: tuple[str, ...]) -> type[_InMemory]:
    """The checks named, or all where none is."""
    left_out = {
        name: None
        for name in dir(_InMemory)
        if (found := check_of(getattr(_InMemory, name))) and checks and found.id not in checks
    }
    return type(f"Test{plugin.__name__}", (_InMemory,), {**left_out, "plugin_class": plugin, "__module__": __name__})


TestUnbroken = _suite(MemoryPlugin, ())
globals().update({f"Test{one.plugin.__name__}": _suite(one.plugin, one.checks) for one in FAULTS})
