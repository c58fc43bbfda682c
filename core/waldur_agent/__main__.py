"""``python -m waldur_agent`` is ``waldur-agent``."""

from __future__ import annotations

import sys

from .cli import main

sys.exit(main())
