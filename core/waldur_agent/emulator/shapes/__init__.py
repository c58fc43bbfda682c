"""The JSON of Waldur's objects, as the API of today has it."""

from __future__ import annotations
