"""From a backend's amounts to the figures that Waldur should hold, and what has to be written for that."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from waldur_agent_hookspecs import ComponentRule, Usage

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
_SURE = Decimal("1e-10")
"""Thirds of a minute have no end, so that a sum of some may be 0.0149999… where 0.015 is meant."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What one account used in one month: Waldur units, two places.

    Each figure is rounded once, by itself, from unrounded sums. So the total and the sum of *n* members (and what is
    unattributed) differ by at most *n* x 0.005 + 0.005.

    Attributes:
        totals: By component. Every reported component is in it: an account without usage has zeros.
        members: By local name and component, as far as the backend tells of both.
    """

    totals: Mapping[str, Decimal]
    members: Mapping[tuple[str, str], Decimal]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure in Waldur and as it should be. ``before`` is None where Waldur has none."""

    before: Decimal | None
    after: Decimal

    @property
    def changed(self) -> bool:
        """Whether it has to be written."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class MemberFigure:
    """A member's figure that has to be written."""

    username: str
    component: str
    before: Decimal | None
    after: Decimal


@dataclass(frozen=True, slots=True)
class TotalsPlan:
    """An account's totals in one month. ``refused`` says why none of them may be written, or is empty."""

    totals: Mapping[str, Figure]
    refused: str = ""

    @property
    def changed(self) -> bool:
        """Whether any has to be written."""
        return any(figure.changed for figure in self.totals.values())


def figures(usage: Usage, components: Collection[str], rules: Mapping[str, ComponentRule]) -> Figures:
    """Convert and round: once, at the end.

    Raises:
        ValueError: an amount is negative or no number; the plugin is wrong then.
    """
    total = usage.total
    return Figures(
        {name: _converted(total.get(name, Decimal(0)), name, rules) for name in components},
        {
            (member, name): _converted(amounts[name], name, rules)
            for member, amounts in usage.members.items()
            for name in components
            if name in amounts
        },
    )


def _converted(amount: Decimal, component: str, rules: Mapping[str, ComponentRule]) -> Decimal:
    if not amount.is_finite() or amount < 0:
        raise ValueError(f"{amount} is no usage of {component}")
    return (amount / rules[component].factor).quantize(_SURE).quantize(CENT, rounding=ROUND_HALF_UP)


def plan_totals(
    wanted: Figures, recorded: Mapping[str, Decimal], *, twins: Collection[str] = (), may_decrease: bool = False
) -> TotalsPlan:
    """Compare totals with the totals that Waldur has.

    Args:
        wanted: As the backend has it.
        recorded: Component to Waldur's figure.
        twins: Components with several records in this month: none of them can be called the total.
        may_decrease: Whether a figure may become less.
    """
    totals = {name: Figure(recorded.get(name), amount) for name, amount in wanted.totals.items()}
    if twins:
        several = ", ".join(sorted(twins))
        return TotalsPlan(totals, f"Waldur has several records of {several} in this month, after a change of plan")
    fallen = [
        f"{name} from {figure.before} to {figure.after}"
        for name, figure in totals.items()
        if figure.before is not None and figure.after < figure.before
    ]
    if fallen and not may_decrease:
        text = f"the usage would become less ({', '.join(fallen)}); set allow_usage_decrease if that is right"
        return TotalsPlan(totals, text)
    return TotalsPlan(totals)


def plan_members(wanted: Figures, recorded: Mapping[tuple[str, str], Decimal]) -> list[MemberFigure]:
    """The members' figures that Waldur lacks or has otherwise, sorted; ``recorded`` by name and component.

    A name of which the backend tells nothing any more gets zero, or the members would add up to more than the total.
    """
    return sorted(_differing(wanted, recorded), key=lambda it: (it.component, it.username))


def _differing(wanted: Figures, recorded: Mapping[tuple[str, str], Decimal]) -> Iterator[MemberFigure]:
    for (member, name), amount in wanted.members.items():
        before = recorded.get((member, name))
        if before != amount:
            yield MemberFigure(member, name, before, amount)
    for (member, name), before in recorded.items():
        if (member, name) not in wanted.members and name in wanted.totals and before != 0:
            yield MemberFigure(member, name, before, ZERO)
