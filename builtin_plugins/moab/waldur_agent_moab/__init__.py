"""MOAB: accounts, funds and deposits of the Moab Accounting Manager."""

from __future__ import annotations
