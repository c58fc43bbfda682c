from __future__ import annotations

from collections.abc import Callable

import pytest
from waldur_agent.emulator.errors import ApiError
from waldur_agent.emulator.records import Order, User
from waldur_agent.emulator.rules import orders as rules
from waldur_agent.emulator.scenario import Scenario
from waldur_agent.emulator.seeding import seed
from waldur_agent.emulator.state import State


@pytest.fixture
def state(scenario: Scenario) -> State:
    return seed(scenario)


@pytest.fixture
def user(state: State) -> User:
    return state.user("agent")


def order_of(state: State, kind: str) -> Order:
    return next(order for order in state.orders.values() if order.type == kind)


@pytest.mark.parametrize(
    ("kind", "executing", "done", "rejected"),
    [
        ("Create", "Creating", "OK", "Terminated"),
        ("Update", "Updating", "OK", "OK"),
        ("Terminate", "Terminating", "Terminated", "OK"),
    ],
)
def test_resource_follows_its_order(
    state: State, user: User, kind: str, executing: str, done: str, rejected: str
) -> None:
    order = order_of(state, kind)
    rules.approve(state, order, user)
    assert order.resource.state == executing
    rules.finish(state, order)
    assert (order.state, order.resource.state) == ("done", done)
    order.state = "pending-provider"
    rules.reject(state, order, user, "")
    assert (order.state, order.resource.state) == ("rejected", rejected)


def test_update_brings_its_limits_only_when_done(state: State, user: User) -> None:
    order = order_of(state, "Update")
    rules.approve(state, order, user)
    assert order.resource.limits == {"gres/gpu": 100}
    rules.finish(state, order)
    assert order.resource.limits == {"gres/gpu": 250}


def test_update_without_limits_keeps_the_old_ones(state: State, user: User) -> None:
    order = order_of(state, "Update")
    order.limits = {}
    rules.approve(state, order, user)
    rules.finish(state, order)
    assert order.resource.limits == {"gres/gpu": 100}


@pytest.mark.parametrize(
    ("kind", "backend_id", "expected"),
    [
        ("Create", "", "Terminated"),
        ("Create", "hpc_waves", "Erred"),
        ("Update", "hpc_tides", "Erred"),
        ("Terminate", "hpc_atlas", "OK"),
    ],
)
def test_failed_order_and_its_resource(state: State, user: User, kind: str, backend_id: str, expected: str) -> None:
    order = order_of(state, kind)
    rules.approve(state, order, user)
    order.resource.backend_id = backend_id
    rules.fail(state, order, "no", "tb")
    assert (order.state, order.resource.state) == ("erred", expected)
    assert (order.error_message, order.error_traceback) == ("no", "tb")


def test_failing_a_done_order_hits_the_resource_and_not_the_order(state: State, user: User) -> None:
    order = order_of(state, "Update")
    rules.approve(state, order, user)
    rules.finish(state, order)
    rules.fail(state, order, "late", "")
    assert (order.state, order.error_message, order.resource.state) == ("done", "late", "Erred")


def test_order_that_waits_is_not_failed(state: State) -> None:
    order = order_of(state, "Create")
    rules.fail(state, order, "early", "")
    assert order.state == "pending-provider"


def test_failed_order_can_be_carried_out_after_all(state: State, user: User) -> None:
    order = order_of(state, "Create")
    rules.approve(state, order, user)
    rules.fail(state, order, "no", "tb")
    rules.start(state, order)
    assert (order.state, order.resource.state, order.error_message) == ("executing", "Creating", "")
    rules.finish(state, order)
    assert order.resource.state == "OK"


ACTIONS: dict[str, tuple[Callable[[State, Order, User], None], set[str]]] = {
    "approve": (rules.approve, {"pending-provider"}),
    "reject": (lambda s, o, u: rules.reject(s, o, u, ""), {"pending-provider"}),
    "cancel": (lambda s, o, _: rules.cancel(s, o), {"pending-consumer", "pending-provider"}),
    "start": (lambda s, o, _: rules.start(s, o), {"pending-consumer", "pending-provider", "erred"}),
    "retry": (lambda s, o, _: rules.retry(s, o), {"erred"}),
    "finish": (lambda s, o, _: rules.finish(s, o), {"executing"}),
}
STATES = ("pending-consumer", "pending-provider", "pending-project", "executing", "done", "erred", "canceled")


@pytest.mark.parametrize("name", ACTIONS)
@pytest.mark.parametrize("before", STATES)
def test_every_action_is_possible_from_its_own_states_only(state: State, user: User, name: str, before: str) -> None:
    action, valid = ACTIONS[name]
    order = order_of(state, "Create")
    order.state = before
    if before in valid:
        action(state, order, user)
        assert order.state != before
    else:
        with pytest.raises(ApiError) as refusal:
            action(state, order, user)
        assert refusal.value.status == 409
        assert order.state == before


def test_customers_orders_exclude_each_other(state: State, user: User) -> None:
    resource = state.resource("atlas")
    with pytest.raises(ApiError, match="Pending order"):
        rules.order_update(state, resource, user, {"gres/gpu": 1})
    order_of(state, "Terminate").state = "rejected"
    placed = rules.order_update(state, resource, user, {"gres/gpu": 1})
    assert (placed.state, placed.attributes) == ("pending-provider", {"old_limits": {"gres/gpu": 20}})


@pytest.mark.parametrize("resource_state", ["Creating", "Erred", "Terminated"])
def test_only_a_working_resource_is_updated(state: State, user: User, resource_state: str) -> None:
    resource = state.resource("atlas")
    resource.state = resource_state
    with pytest.raises(ApiError, match="Valid states for operation: OK"):
        rules.order_update(state, resource, user, {"gres/gpu": 1})


def test_new_resource_waits_with_its_order_and_brings_accounts(state: State, user: User) -> None:
    order = rules.order_resource(
        state, state.offering(), state.project("Genomics"), user, name="tides", limits={"gres/gpu": 1}
    )
    assert (order.resource.state, order.resource.slug) == ("Creating", "tides-2")
    assert state.account(state.offering(), state.user("carol")) is not None
