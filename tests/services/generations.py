"""Tests that are for servers of each generation."""

from __future__ import annotations

import pytest
from waldur_agent.emulator.profiles import PROFILES

EVERY_SERVER = pytest.mark.parametrize("profile", list(PROFILES), indirect=True)
"""For a test whose servers are made by ``make_server``; what differs by generation, it tells from ``profile``."""
