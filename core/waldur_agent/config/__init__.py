"""The configuration file: read once, checked whole, and handed down as values."""

from __future__ import annotations

from .environment import period_minutes, state_directory, verify_ssl_from
from .offering import Config, Offering
from .problems import ConfigError, Problem
from .reading import load
from .reference import reference
from .roles import Role
from .schema import json_schema
from .sections import RemovalFuse

__all__ = [
    "Config",
    "ConfigError",
    "Offering",
    "Problem",
    "RemovalFuse",
    "Role",
    "json_schema",
    "load",
    "period_minutes",
    "reference",
    "state_directory",
    "verify_ssl_from",
]
