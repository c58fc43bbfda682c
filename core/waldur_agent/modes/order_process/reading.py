"""Reading both sides for the open orders: Waldur's orders and resources, and the backend's accounts."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from waldur_agent_hookspecs import AccountRef, AccountState, ComponentRule, Limits, NamePolicy, OrderType
from waldur_agent_hookspecs import Order as OrderRequest

from waldur_agent.modes.focus import Hint, Kind
from waldur_agent.modes.refs import party
from waldur_agent.modes.served import Served
from waldur_agent.planning import to_backend, wanted_limits
from waldur_agent.waldur import NotFound, Order, Resource, WaldurError, gather

log = logging.getLogger(__name__)

PENDING = "pending-provider"
EXECUTING = "executing"
FEW = 10
"""Up to so many orders are asked for one by one; for more, the whole list is cheaper (it is 100 a request)."""


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """An order with its resource and that resource's account.

    ``account`` is None for a backend that cannot list; ``previous`` are the limits that Waldur held before.
    """

    order: OrderRequest
    state: str
    label: str
    previous: Limits
    resource: Resource
    account: AccountState | None


@dataclass(slots=True)
class Reading:
    """What was read.

    Attributes:
        nameless: Orders whose resource Waldur has not made yet.
        troubles: What could not be read.
        left: The orders behind both.
        unseen: Orders that were hinted at and are not there.
    """

    orders: list[OpenOrder] = field(default_factory=list)
    nameless: list[Order] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    left: set[Hint] = field(default_factory=set)
    unseen: set[Hint] = field(default_factory=set)


def label(order: Order) -> str:
    """How an order is called in logs and plans."""
    return f"order {order.uuid} ({order.type} of {order.resource_name or order.resource_uuid or 'a new resource'!r})"


def read(work: Served, before: Reading | None = None) -> Reading:
    """Both sides as they are now. What ``before`` holds of accounts is not asked for again.

    Raises:
        WaldurError, NotReady, PluginBug: something that all orders need could not be read.
    """
    reading = Reading()
    orders = [order for order in _orders(work, reading) if _known(order)]
    reading.nameless = [order for order in orders if not order.resource_uuid]
    reading.left |= {Hint(Kind.ORDER, order.uuid) for order in reading.nameless}
    named = [order for order in orders if order.resource_uuid]
    answers = gather(work.waldur.resource, [order.resource_uuid for order in named])
    pairs: list[tuple[Order, Resource]] = []
    for order in named:
        resource = answers[order.resource_uuid]
        if isinstance(resource, WaldurError):
            reading.troubles.append(f"{label(order)}: its resource could not be read: {resource}")
            reading.left.add(Hint(Kind.ORDER, order.uuid))
        else:
            pairs.append((order, resource))
    if pairs:
        known = {item.order.ref: item.account for item in before.orders} if before else {}
        reading.orders = _open_orders(work, pairs, known)
    return reading


def _orders(work: Served, reading: Reading) -> list[Order]:
    """The open orders that the pass is about, oldest first."""
    wanted = work.focus.orders
    listed = work.waldur.open_orders() if work.focus.whole or len(wanted) > FEW else []
    found = {order.uuid: order for order in listed if work.focus.whole or order.uuid in wanted}
    for uuid, order in gather(work.waldur.open_order, sorted(wanted - set(found))).items():
        if isinstance(order, NotFound):
            reading.unseen.add(Hint(Kind.ORDER, uuid))
        elif isinstance(order, WaldurError):
            reading.troubles.append(f"order {uuid} could not be read: {order}")
            reading.left.add(Hint(Kind.ORDER, uuid))
        elif order is not None:
            found[uuid] = order
    return sorted(found.values(), key=lambda order: order.created)


def _known(order: Order) -> bool:
    """Whether this release knows how to carry the order out; newer servers have further types and states."""
    if order.type in list(OrderType) and order.state in {PENDING, EXECUTING}:
        return True
    log.info("Skipped %s in state %r: not an order that this agent serves.", label(order), order.state)
    return False


def _open_orders(
    work: Served, pairs: list[tuple[Order, Resource]], known: Mapping[AccountRef, AccountState | None]
) -> list[OpenOrder]:
    rules = work.site.describe_components(work.offering.components)
    policy = _name_policy(work) if any(order.type == OrderType.CREATE for order, _ in pairs) else None
    refs = {resource.uuid: _ref(order, resource, policy) for order, resource in pairs}
    accounts: Mapping[str, AccountState | None] = dict.fromkeys(refs)
    if work.site.can("list_accounts"):
        unknown = [ref for ref in refs.values() if ref not in known]
        states = work.site.list_accounts(unknown) if unknown else {}
        accounts = {uuid: known[ref] if ref in known else states[uuid] for uuid, ref in refs.items()}
    return [
        OpenOrder(
            order=_request(work, order, refs[resource.uuid], rules),
            state=order.state,
            label=label(order),
            previous=to_backend(_held_before(order, resource), rules),
            resource=resource,
            account=accounts[resource.uuid],
        )
        for order, resource in pairs
    ]


def _name_policy(work: Served) -> NamePolicy:
    value = work.waldur.offering().plugin_options.get("account_name_generation_policy")
    return NamePolicy.PROJECT_SLUG if value == NamePolicy.PROJECT_SLUG else NamePolicy.RESOURCE_SLUG


def _ref(order: Order, resource: Resource, policy: NamePolicy | None) -> AccountRef:
    return AccountRef(
        resource_uuid=resource.uuid,
        backend_id=resource.backend_id,
        slug=resource.slug,
        name=resource.name or order.resource_name,
        # Older servers tell the slugs of project and customer in orders only.
        project=party(resource.project, order.project),
        customer=party(resource.customer, order.customer),
        name_policy=policy or NamePolicy.RESOURCE_SLUG,
        leaving=order.type == OrderType.TERMINATE,
    )


def _held_before(order: Order, resource: Resource) -> Mapping[str, Decimal]:
    """What was carried out before this order. A new resource has its limits in Waldur already: they are wishes."""
    return {} if order.type == OrderType.CREATE else order.old_limits or resource.limits


def _request(work: Served, order: Order, ref: AccountRef, rules: Mapping[str, ComponentRule]) -> OrderRequest:
    unknown = sorted(set(order.limits) - set(work.offering.components))
    if unknown:
        log.warning("%s: %s not in backend_components, left out.", label(order), ", ".join(unknown))
    limits = wanted_limits(order.limits, work.offering.components, rules)
    return OrderRequest(order.uuid, OrderType(order.type), ref, limits, order.attributes)
