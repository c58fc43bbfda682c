"""Backends with one fault each, and the checks that have to catch them. Run by ``test_it_bites``, in a copy."""

from __future__ import annotations
