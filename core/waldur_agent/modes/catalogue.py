"""Which modes there are, what each needs, and how each is run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from waldur_agent.config import Role
from waldur_agent.modes import membership_sync, order_process
from waldur_agent.modes.described import Described
from waldur_agent.modes.progress import Progress
from waldur_agent.modes.served import Served
from waldur_agent.modes.summary import Summary
from waldur_agent.planning import Release
from waldur_agent.site import Site, SiteError


@dataclass(frozen=True, slots=True)
class Mode:
    """One mode.

    Attributes:
        role: Which backend key switches it on for an offering.
        polls: Whether it leaves offerings with an event transport to ``event_process``.
        require: Raises :class:`SiteError` where the plugins cannot serve it.
        run: One pass over one offering.
        describe: What such a pass would do, without doing it.
    """

    name: str
    role: Role
    polls: bool
    require: Callable[[Site], None]
    run: Callable[[Served, Progress, Release | None], Summary]
    describe: Callable[[Served, Release | None], Described]


_MODES = {
    "order_process": Mode(
        "order_process",
        Role.ORDER_PROCESSING,
        polls=True,
        require=order_process.require,
        run=order_process.run,
        describe=order_process.describe,
    ),
    "membership_sync": Mode(
        "membership_sync",
        Role.MEMBERSHIP_SYNC,
        polls=True,
        require=membership_sync.require,
        run=membership_sync.run,
        describe=membership_sync.describe,
    ),
}


def find(name: str) -> Mode:
    """The mode of that name.

    Raises:
        SiteError: this release does not have it yet.
    """
    if name not in _MODES:
        raise SiteError(f"mode {name} is not in this release yet; it has {', '.join(_MODES)}")
    return _MODES[name]
