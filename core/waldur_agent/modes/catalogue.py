"""Which modes there are, what each needs, and how each is run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from waldur_agent.config import Offering, Role
from waldur_agent.modes import membership_sync, order_process, report
from waldur_agent.modes.described import Described
from waldur_agent.modes.progress import Progress
from waldur_agent.modes.served import Served
from waldur_agent.modes.summary import Summary
from waldur_agent.planning import Release
from waldur_agent.site import Site


@dataclass(frozen=True, slots=True)
class Mode:
    """One mode.

    Attributes:
        role: Which backend key switches it on for an offering.
        polls: Whether it leaves offerings with an event transport to ``event_process``.
        events: Whether it takes just those.
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
    events: bool = False

    def why_not(self, offering: Offering) -> str:
        """Why it does not serve an offering; empty where it does."""
        if self.events and not offering.event_transport:
            return "neither stomp_enabled nor mqtt_enabled is true"
        if self.polls and offering.event_transport:
            return f"{offering.event_transport}_enabled leaves it to event_process"
        if self.role not in offering.backends:
            return "its backend key is not set"
        return ""


@dataclass(frozen=True, slots=True)
class Job:
    """A mode for one offering, with the plugins that serve it."""

    mode: Mode
    offering: Offering
    site: Site


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
    # Offerings with events are reported as well: no event tells of usage.
    "report": Mode(
        "report", Role.REPORTING, polls=False, require=report.require, run=report.run, describe=report.describe
    ),
}


POLLING = tuple(_MODES.values())
"""Each thing that can be done for an offering, once."""

EVENTS = "event_process"


def parts(name: str) -> list[Mode]:
    """What the mode of that name does for an offering, in that order: ``event_process`` does two things."""
    if name == EVENTS:
        return [replace(_MODES[part], polls=False, events=True) for part in ("order_process", "membership_sync")]
    return [_MODES[name]]
