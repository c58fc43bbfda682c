from __future__ import annotations

from decimal import Decimal

import pytest
from waldur_agent.modes.order_process.reading import _held_before, _ref
from waldur_agent.waldur.objects import Order, Resource, Scope

NOWHERE = Scope("", "", "")
RESOURCE = Resource("1" * 32, "Climate", "climate", "OK", "a_climate", {"deposit": Decimal(100)}, NOWHERE, NOWHERE)


def order(kind: str, **old_limits: int) -> Order:
    held = {name: Decimal(amount) for name, amount in old_limits.items()}
    return Order("2" * 32, kind, "executing", "1" * 32, "Climate", {}, held, {}, NOWHERE, NOWHERE, "")


@pytest.mark.parametrize(
    ("placed", "held"),
    [
        (order("Create"), {}),
        (order("Update", deposit=80), {"deposit": 80}),
        (order("Update"), {"deposit": 100}),
    ],
)
def test_what_a_new_resource_wishes_was_not_held_before(placed: Order, held: dict[str, int]) -> None:
    assert _held_before(placed, RESOURCE) == held


@pytest.mark.parametrize(("kind", "leaving"), [("Create", False), ("Update", False), ("Terminate", True)])
def test_a_plugin_is_told_which_accounts_are_to_go(kind: str, leaving: bool) -> None:
    assert _ref(order(kind), RESOURCE, None).leaving is leaving
