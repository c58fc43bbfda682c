"""The fuse: so many removals at once are more likely a mistake somewhere than so many people leaving."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from waldur_agent_hookspecs import RemoveMember

from .membership import AccountPlan

ALWAYS_ALLOWED = 5
"""Up to so many removals the percentage does not count, or small offerings would be stuck."""


@dataclass(frozen=True, slots=True)
class Held:
    """Removals that wait for a person's word, and why."""

    plan: AccountPlan
    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What may be removed now, and what is held back; ``tripped`` where that is for their number."""

    removals: tuple[RemoveMember, ...]
    held: tuple[Held, ...] = ()
    tripped: bool = False


@dataclass(frozen=True, slots=True)
class Earlier:
    """Removals before this pass that count with it: those since the offering was last looked at as a whole.

    Without it, events that name one account each would lead past the fuse one by one.

    Attributes:
        removals: How many members were removed since then.
        present: How many removable members there were then; None where it was never looked at as a whole.
    """

    removals: int = 0
    present: int | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """What a person has allowed: nothing, everything, or the removals of some accounts (by backend id)."""

    everything: bool = False
    accounts: frozenset[str] = frozenset()

    def covers(self, plan: AccountPlan) -> bool:
        """Whether the removals of that account were allowed."""
        return self.everything or plan.ref.backend_id in self.accounts


def fuse(
    plans: Sequence[AccountPlan],
    *,
    members: int,
    percent: float,
    release: Release | None = None,
    earlier: Earlier | None = None,
    whole: bool = True,
) -> Verdict:
    """Decide over one offering's removals in one cycle.

    Args:
        plans: Of all accounts of the offering, or of some.
        members: More removals than this trip the fuse.
        percent: So does a larger part of the removable members present, above :data:`ALWAYS_ALLOWED` removals.
        release: What a person has allowed. An empty team is released by name only, never with everything.
        earlier: What counts as well.
        whole: Whether ``plans`` are all accounts.
    """
    release = release or Release()
    earlier = earlier or Earlier()
    with_removals = [plan for plan in plans if plan.removals]
    held = [Held(plan, plan.hold) for plan in with_removals if plan.hold and not _named(plan, release.accounts)]
    counted = [plan for plan in with_removals if plan not in [item.plan for item in held]]
    tripped = ""
    if counted:
        count = earlier.removals + sum(len(plan.removals) for plan in counted)
        tripped = _tripped(count, _present(plans, earlier, whole=whole), members, percent)
    if tripped and earlier.removals:
        tripped += f"; {earlier.removals} of them since the last look at the whole offering"
    if tripped:
        held += [Held(plan, tripped) for plan in counted if not release.covers(plan)]
    stopped = {id(item.plan) for item in held}
    removals = tuple(removal for plan in counted if id(plan) not in stopped for removal in plan.removals)
    return Verdict(removals, tuple(held), tripped=bool(tripped))


def _named(plan: AccountPlan, accounts: Collection[str]) -> bool:
    return plan.ref.backend_id in accounts


def _present(plans: Sequence[AccountPlan], earlier: Earlier, *, whole: bool) -> int:
    seen = sum(plan.removable for plan in plans)
    if whole or earlier.present is None:
        return seen + earlier.removals
    return max(earlier.present, seen)


def _tripped(count: int, present: int, members: int, percent: float) -> str:
    if count > members:
        return f"{count} removals at once are more than removal_fuse.members ({members}) allows"
    if count > ALWAYS_ALLOWED and count * 100 > present * percent:
        return f"{count} of {present} members removed at once are more than removal_fuse.percent ({percent}) allows"
    return ""
