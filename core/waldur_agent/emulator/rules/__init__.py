"""What may happen to Waldur's objects, and what follows from it: the state machines."""

from __future__ import annotations
