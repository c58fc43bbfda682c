"""The life of an order, and what each step does to its resource."""

from __future__ import annotations

from typing import Any, Final

from waldur_agent.emulator.errors import ApiError, wrong_state
from waldur_agent.emulator.records import Offering, Order, Project, Resource, User
from waldur_agent.emulator.state import State

from . import allocations
from .offering_users import make_accounts

WAITING: Final = ("pending-consumer", "pending-provider", "pending-project", "pending-start-date")
OPEN: Final = (*WAITING, "executing")

_STARTS_AS: Final = {"Create": "Creating", "Restore": "Creating", "Update": "Updating", "Terminate": "Terminating"}


def order_resource(
    state: State,
    offering: Offering,
    project: Project,
    user: User,
    *,
    name: str,
    limits: dict[str, Any],
    attributes: dict[str, Any] | None = None,
) -> Order:
    """Place a Create order; its resource exists from now on and is ``Creating``."""
    now = state.now()
    resource = state.add_resource(
        Resource(
            uuid=state.new_uuid("resource"),
            name=name,
            slug=state.new_slug(name),
            offering=offering,
            project=project,
            created=now,
            modified=now,
            last_sync=now,
            limits=dict(limits),
            attributes={"name": name, **(attributes or {})},
        )
    )
    make_accounts(state, offering, project)
    return _place(state, resource, user, "Create", limits=limits, attributes=resource.attributes)


def order_update(state: State, resource: Resource, user: User, limits: dict[str, Any]) -> Order:
    """Place an Update order for new limits.

    Raises:
        ApiError: 409 where the resource is not OK or another order is under way.
    """
    _require_idle(state, resource, "OK")
    return _place(state, resource, user, "Update", limits=limits, attributes={"old_limits": dict(resource.limits)})


def order_termination(state: State, resource: Resource, user: User) -> Order:
    """Place a Terminate order.

    Raises:
        ApiError: 409 where the resource is neither OK nor Erred or another order is under way.
    """
    _require_idle(state, resource, "OK", "Erred")
    return _place(state, resource, user, "Terminate", limits={}, attributes={})


def _require_idle(state: State, resource: Resource, *valid: str) -> None:
    if resource.state not in valid:
        raise wrong_state(*valid)
    if any(order.state in OPEN for order in state.orders_of(resource)):
        raise ApiError(409, {"detail": "Pending order for resource already exists."})


def _place(
    state: State, resource: Resource, user: User, kind: str, *, limits: dict[str, Any], attributes: dict[str, Any]
) -> Order:
    now = state.now()
    return state.add_order(
        Order(
            uuid=state.new_uuid("order"),
            type=kind,
            state="pending-provider",
            resource=resource,
            created_by=user,
            created=now,
            modified=now,
            limits=dict(limits),
            attributes=dict(attributes),
            consumer_reviewed_by=user,
            consumer_reviewed_at=now,
        )
    )


def approve(state: State, order: Order, user: User) -> None:
    """The provider takes the order on."""
    _require(order, "pending-provider")
    _reviewed(state, order, user)
    refusal = allocations.start(order) if state.profile.hidden_allocations else ""
    if refusal:
        _close(state, order, "erred")
        order.error_message = refusal
    else:
        _execute(state, order)


def reject(state: State, order: Order, user: User, comment: str) -> None:
    """The provider turns the order down: a new resource is gone, an old one stays as it was."""
    _require(order, "pending-provider")
    _reviewed(state, order, user)
    order.provider_rejection_comment = comment
    _close(state, order, "rejected")
    _set_resource(state, order.resource, "Terminated" if order.type in {"Create", "Restore"} else "OK")


def cancel(state: State, order: Order) -> None:
    """The customer takes the order back before it is carried out."""
    _require(order, "pending-consumer", "pending-provider")
    _close(state, order, "canceled")
    _set_resource(state, order.resource, "Terminated" if order.type in {"Create", "Restore"} else "OK")


def start(state: State, order: Order) -> None:
    """``set_state_executing``: without the provider's review, and also after a failure."""
    _require(order, "pending-consumer", "pending-provider", "erred")
    _execute(state, order)


def retry(state: State, order: Order) -> None:
    """Carry a failed order out once more."""
    _require(order, "erred")
    _execute(state, order)


def finish(state: State, order: Order) -> None:
    """The order is carried out: an Update's limits become the resource's."""
    _require(order, "executing")
    _close(state, order, "done")
    if order.type == "Update" and order.limits:
        order.resource.limits = dict(order.limits)
    _set_resource(state, order.resource, "Terminated" if order.type == "Terminate" else "OK")


def fail(state: State, order: Order, message: str, traceback: str) -> None:
    """The order failed. Accepted in every state of the order, and the resource always takes the consequence.

    The order itself changes only where it is the one executing order of its type for its resource.
    """
    rivals = [other for other in state.orders_of(order.resource) if other.state == "executing"]
    if [other for other in rivals if other.type == order.type] == [order]:
        _close(state, order, "erred")
    order.error_message, order.error_traceback = message, traceback
    order.modified = state.now()
    _set_resource(state, order.resource, _after_failure(state, order))


def _after_failure(state: State, order: Order) -> str:
    """A terminated resource that could not be removed is alive; a new one that never got an id is given up."""
    if order.type == "Terminate":
        return "OK"
    given_up = order.type == "Create" and order.resource.state == "Creating" and not order.resource.backend_id
    if given_up and state.profile.gives_up_creations:
        return "Terminated"
    return "Erred"


def _require(order: Order, *valid: str) -> None:
    if order.state not in valid:
        raise wrong_state(*valid)


def _reviewed(state: State, order: Order, user: User) -> None:
    order.provider_reviewed_by, order.provider_reviewed_at = user, state.now()


def _execute(state: State, order: Order) -> None:
    order.state, order.modified, order.completed_at = "executing", state.now(), None
    order.error_message = order.error_traceback = ""
    _set_resource(state, order.resource, _STARTS_AS[order.type])


def _close(state: State, order: Order, final: str) -> None:
    order.state = final
    order.modified = order.completed_at = state.now()


def _set_resource(state: State, resource: Resource, new: str) -> None:
    resource.state, resource.modified = new, state.now()
