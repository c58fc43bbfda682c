"""A stand-in for the Moab Accounting Manager, which cannot be installed: its commands, with a state of their own."""

from __future__ import annotations

from .commands import Call, Fault, Mam

__all__ = ["Call", "Fault", "Mam"]
