"""Judges an order by what it says itself; the cluster is not asked, so that many waiting orders cost nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from waldur_agent_hookspecs import Order, OrderType, Review, Verdict

from .claims import claims_of, customer_of, project_of, resource_of
from .limits import limit_problem
from .names import NoSlugError

if TYPE_CHECKING:
    from .settings import SlurmSettings


def review(order: Order, settings: SlurmSettings) -> Review:
    """Accept, reject, or wait for a slug."""
    if order.type is OrderType.TERMINATE:
        return Review(Verdict.ACCEPT)
    if problem := limit_problem(order.limits):
        return Review(Verdict.REJECT, problem)
    if order.type is OrderType.CREATE:
        return _review_names(order, settings)
    return Review(Verdict.ACCEPT)


def _review_names(order: Order, settings: SlurmSettings) -> Review:
    ref = order.ref
    claims = claims_of([ref], settings)
    problem = claims.problems.get(ref.resource_uuid)
    if problem is not None:
        return Review(Verdict.WAIT if isinstance(problem, NoSlugError) else Verdict.REJECT, str(problem))
    names = claims.names[ref.resource_uuid]
    wanted = [(names.customer, customer_of(ref)), (names.project, project_of(ref))]
    if not any(claims.is_free(name, resource_of(ref)) for name in names.allocations):
        wanted.append((names.allocations[0], resource_of(ref)))
    for name, holder in wanted:
        if objection := claims.objection(name, holder):
            return Review(Verdict.REJECT, objection)
    return Review(Verdict.ACCEPT)
