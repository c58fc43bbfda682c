"""The checks, a module for each area."""

from __future__ import annotations
