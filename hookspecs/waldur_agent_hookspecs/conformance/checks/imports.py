"""CT-IMP: what importing the plugin does."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from typing import Any

import pytest

from .. import watch
from ..bench import Bench
from ..check import check, expect

_PROBE = """
import importlib, importlib.util, json, sys, time
module, watch, path = sys.argv[1], sys.argv[2], sys.argv[3]
sys.path[:] = json.loads(path)
sys.dont_write_bytecode = True
begun = time.process_time()
import waldur_agent_hookspecs
try:
    import pydantic
    pydantic.BaseModel
except ImportError:
    pass
usual = time.process_time() - begun
spec = importlib.util.spec_from_file_location("watch", watch)
watching = importlib.util.module_from_spec(spec)
spec.loader.exec_module(watching)
before = set(sys.modules)
begun = time.process_time()
with watching.watched() as seen:
    importlib.import_module(module)
took = time.process_time() - begun
print(json.dumps({"seen": list(seen), "took": took, "usual": usual, "loaded": sorted(set(sys.modules) - before)}))
"""
HEAVY = {"django", "flask", "matplotlib", "numpy", "pandas", "requests", "rich", "scipy", "sqlalchemy", "torch"}
"""What nobody wants to wait for at ``waldur-agent --help``."""

SLOW = 5
"""Times as much work as importing pydantic, which every plugin needs: whatever takes more is no import."""


class ImportChecks:
    """Every command of the agent imports every installed plugin."""

    @check("CT-IMP-001", "`waldur-agent --help` writes files, starts programs or asks the network.")
    def test_importing_does_nothing(self, bench: Bench) -> None:
        seen = _imported(bench)["seen"]
        expect(
            not seen,
            "",
            f"importing it did: {', '.join(seen)}",
            "A module defines; what is done is done in the hooks.",
        )

    @check("CT-IMP-002", "`waldur-agent --help` takes seconds.")
    def test_importing_is_quick(self, bench: Bench) -> None:
        found = _imported(bench)
        usual = max(found["usual"], 0.1)
        expect(
            found["took"] < SLOW * usual,
            "",
            f"importing it took {found['took']:.1f} s of the processor, importing pydantic {usual:.1f} s",
            "Import heavy modules in the functions that use them.",
        )

    @check("CT-IMP-003", "One plugin makes every command of the agent slow.")
    def test_importing_loads_nothing_heavy(self, bench: Bench) -> None:
        heavy = sorted(HEAVY & {name.partition(".")[0] for name in _imported(bench)["loaded"]})
        expect(not heavy, "", f"importing it loads {', '.join(heavy)}", "Import it in the functions that use it.")


def _imported(bench: Bench) -> dict[str, Any]:
    """What a fresh Python did and loaded while it imported the plugin's module."""
    return _probe(type(bench.subject.plugin).__module__)


@cache
def _probe(module: str) -> dict[str, Any]:
    path = json.dumps([folder for folder in sys.path if folder])
    command = [sys.executable, "-c", _PROBE, module, watch.__file__, path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603 - our own
    if done.returncode != 0:
        expect(
            "ModuleNotFoundError" in done.stderr,
            "",
            f"a fresh Python cannot import {module}: {done.stderr.strip().splitlines()[-1:]}",
            "The module must be importable by itself.",
        )
        pytest.skip(f"{module} is not a module that another Python can import")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
