"""Removals that count with those of the next pass, kept from pass to pass of one process."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from waldur_agent.planning import Earlier


@dataclass(slots=True)
class Departed:
    """The fuse's memory of one offering. ``tripped`` stays until a whole pass finds nothing to hold."""

    earlier: Earlier = field(default_factory=Earlier)
    tripped: bool = False

    def note(self, *, removed: int, present: int, whole: bool, tripped: bool) -> None:
        """Count a pass: how many went, and how many removable members it saw before."""
        if whole and not tripped:
            self.earlier = Earlier(0, present - removed)
        else:
            self.earlier = replace(self.earlier, removals=self.earlier.removals + removed)
        self.tripped = tripped or (self.tripped and not whole)

    def forget(self) -> None:
        """Begin to count anew; not while the fuse is tripped."""
        if not self.tripped:
            left = None if self.earlier.present is None else self.earlier.present - self.earlier.removals
            self.earlier = Earlier(0, left)
