"""What an order means for the cluster as it is now. Pure: no I/O, and the same input gives the same plan."""

from __future__ import annotations

from dataclasses import dataclass

from waldur_agent_hookspecs import (
    NO_LIMITS,
    AccountState,
    AddMember,
    Change,
    CreateAccount,
    DeleteAccount,
    LimitChange,
    Limits,
    Order,
    OrderType,
    SetLimits,
)

from .limits import differing
from .members import Known, Members


@dataclass(frozen=True, slots=True)
class OrderPlan:
    """An order and the changes that carry it out; none where everything is so already.

    ``refusal`` is not empty where the order cannot be carried out at all: it fails with this text.
    """

    order: Order
    changes: tuple[Change, ...] = ()
    refusal: str = ""


def plan_order(order: Order, state: AccountState | None, members: Members, previous: Limits = NO_LIMITS) -> OrderPlan:
    """Compare what an order wants with what there is.

    Args:
        order: Limits in backend units.
        state: None for a backend that cannot list: everything is asked for then, and its hooks know what is done.
        members: Who belongs to the account; only Create orders look at it.
        previous: The limits that Waldur held before, in backend units.
    """
    match order.type:
        case OrderType.CREATE:
            return _create(order, state, members, previous)
        case OrderType.UPDATE:
            return _update(order, state, previous)
        case OrderType.TERMINATE:
            return _terminate(order, state)


def _create(order: Order, state: AccountState | None, members: Members, previous: Limits) -> OrderPlan:
    if state is not None and state.conflict:
        return OrderPlan(order, refusal=state.conflict)
    changes: list[Change] = []
    if state is None or not state.exists:
        changes.append(CreateAccount(ref=order.ref, order=order.uuid, reason="ordered"))
    changes += _limits(order, state, previous, "ordered with the account")
    if isinstance(members, Known):
        present = state.members if state is not None else {}
        changes += [
            AddMember(ref=order.ref, order=order.uuid, reason="in the project's team", member=members.members[name])
            for name in sorted(members.members)
            if name not in present
        ]
    return OrderPlan(order, tuple(changes))


def _update(order: Order, state: AccountState | None, previous: Limits) -> OrderPlan:
    if state is not None and not state.exists:
        name = order.ref.backend_id or order.ref.slug
        return OrderPlan(order, refusal=state.conflict or f"the account {name!r} does not exist on the backend")
    if state is None and not order.ref.backend_id:
        return OrderPlan(order, refusal="the resource has no backend id, so there is no account to update")
    return OrderPlan(order, tuple(_limits(order, state, previous, "ordered")))


def _terminate(order: Order, state: AccountState | None) -> OrderPlan:
    change = DeleteAccount(ref=order.ref, order=order.uuid, reason="ordered")
    if state is None:
        return OrderPlan(order, (change,) if order.ref.backend_id else ())
    return OrderPlan(order, (change,) if state.exists or state.residue else ())


def _limits(order: Order, state: AccountState | None, previous: Limits, reason: str) -> list[Change]:
    # All wanted limits go along, not only those that differ: a backend that adds up needs the whole picture.
    if not (differing(order.limits, state.limits) if state is not None else order.limits):
        return []
    limits = LimitChange(wanted=order.limits, previous=previous, order=order.uuid)
    return [SetLimits(ref=order.ref, order=order.uuid, reason=reason, limits=limits)]
