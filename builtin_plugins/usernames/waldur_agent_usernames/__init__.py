"""Local account names for the persons that Waldur knows."""

from __future__ import annotations
