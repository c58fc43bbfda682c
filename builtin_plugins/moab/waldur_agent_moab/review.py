"""Judges an order by what it says itself; MAM is not asked, so that many waiting orders cost nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from waldur_agent_hookspecs import Order, OrderType, Review, Verdict

from .names import BadNameError, NoSlugError
from .ownership import Claims

if TYPE_CHECKING:
    from .settings import MoabSettings


def review(order: Order, settings: MoabSettings) -> Review:
    """Accept, reject a name that cannot be used, or wait for a slug."""
    if order.type is not OrderType.CREATE:
        return Review(Verdict.ACCEPT)
    ref = order.ref
    claims = Claims.of([ref], settings)
    match claims.problems.get(ref.resource_uuid):
        case NoSlugError() as problem:
            return Review(Verdict.WAIT, str(problem))
        case BadNameError() as problem:
            return Review(Verdict.REJECT, str(problem))
    names = claims.names[ref.resource_uuid]
    objection = claims.objection(names.project, ref.project.uuid)
    if not objection and all(claims.objection(name, ref.resource_uuid) for name in names.allocations):
        objection = claims.objection(names.allocations[0], ref.resource_uuid)
    return Review(Verdict.REJECT, objection) if objection else Review(Verdict.ACCEPT)
