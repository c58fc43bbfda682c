"""A plugin whose import writes, works and loads what nobody wants to wait for."""

from __future__ import annotations

import sys
import time

from .memory import MemoryPlugin
from .table import fault

_probe = sys.modules["__main__"]
if hasattr(_probe, "watching"):  # only where the kit imports it to see what that does
    import requests  # noqa: F401

    with open("/dev/null", "w"):  # noqa: PTH123
        _until = time.process_time() + 6 * max(_probe.usual, 0.1)
        while time.process_time() < _until:
            pass


@fault("", "IMP-001", "IMP-002", "IMP-003")
class WorksWhileItIsImported(MemoryPlugin):
    pass
