"""``python -m waldur_agent_hookspecs``: every hook and every type, to read."""

from __future__ import annotations

import sys

from .reference import hook_reference

if __name__ == "__main__":
    sys.stdout.write(hook_reference())
