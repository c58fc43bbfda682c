"""The modes' names: the values of ``--mode``, the units' names, and the packages here. Light to import."""

from __future__ import annotations

MODE_NAMES = ("order_process", "report", "membership_sync", "event_process")
