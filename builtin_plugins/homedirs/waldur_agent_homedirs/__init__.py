"""Home directories for the members of accounts."""

from __future__ import annotations
