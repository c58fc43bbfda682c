"""Tests that are for servers of each generation."""

from __future__ import annotations

import pytest
from waldur_agent.emulator.profiles import PROFILES

EVERY_SERVER = pytest.mark.parametrize("profile", list(PROFILES), indirect=True)
"""For tests whose servers are made by ``make_server``; what differs by generation, they tell from ``profile``."""

needs_endpoint = pytest.mark.needs_endpoint
"""For a test whose subject is an endpoint: ``@needs_endpoint("users.act", why="…")``; without it, skipped."""
