from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from waldur_agent.planning import Known, Unknown, plan_order
from waldur_agent_hookspecs import (
    AccountRef,
    AccountState,
    AddMember,
    Change,
    CreateAccount,
    DeleteAccount,
    Limits,
    Member,
    Order,
    OrderType,
    Party,
    SetLimits,
)

PARTY = Party("2" * 32, "ocean")
NOBODY = Known({})
ABSENT = AccountState(exists=False)


def order(kind: OrderType, limits: Mapping[str, int] | None = None, backend_id: str = "") -> Order:
    amounts = {name: Decimal(amount) for name, amount in (limits or {}).items()}
    return Order("5" * 32, kind, AccountRef("1" * 32, backend_id, "climate", "Climate", PARTY, PARTY), amounts)


def there(limits: Mapping[str, int] | None = None, members: Mapping[str, Limits] | None = None) -> AccountState:
    amounts = {name: Decimal(amount) for name, amount in (limits or {}).items()}
    return AccountState(exists=True, backend_id="a_climate", limits=amounts, members=members or {})


def known(*names: str) -> Known:
    return Known({name: Member(name) for name in names})


def kinds(changes: tuple[Change, ...]) -> list[str]:
    return [change.kind for change in changes]


def test_a_create_makes_the_account_its_limits_and_its_members() -> None:
    plan = plan_order(order(OrderType.CREATE, {"cpu": 5}), ABSENT, known("joe", "jane"))
    assert kinds(plan.changes) == ["create_account", "set_limits", "add_member", "add_member"]
    added = [change.member.username for change in plan.changes if isinstance(change, AddMember)]
    assert added == ["jane", "joe"]
    assert {change.order for change in plan.changes} == {"5" * 32}


def test_a_create_that_was_cut_off_does_only_what_is_left() -> None:
    plan = plan_order(order(OrderType.CREATE, {"cpu": 5}), there({"cpu": 4}, {"jane": {}}), known("joe", "jane"))
    assert kinds(plan.changes) == ["set_limits", "add_member"]


def test_a_create_that_was_finished_does_nothing() -> None:
    plan = plan_order(order(OrderType.CREATE, {"cpu": 5}), there({"cpu": 5, "mem": 7}, {"jane": {}}), known("jane"))
    assert plan.changes == ()
    assert plan.refusal == ""


def test_unknown_members_are_nobodys_business() -> None:
    assert kinds(plan_order(order(OrderType.CREATE), ABSENT, Unknown("403")).changes) == ["create_account"]


@pytest.mark.parametrize("kind", [OrderType.CREATE, OrderType.UPDATE])
def test_what_is_not_ours_is_never_adopted(kind: OrderType) -> None:
    state = AccountState(exists=False, conflict="account 'a_climate' exists and is not this resource's")
    plan = plan_order(order(kind, {"cpu": 1}), state, known("jane"))
    assert plan.changes == ()
    assert plan.refusal == state.conflict


def test_what_is_not_ours_is_never_deleted() -> None:
    state = AccountState(exists=False, conflict="account 'a_climate' exists and is not this resource's")
    assert plan_order(order(OrderType.TERMINATE), state, NOBODY).changes == ()


def test_an_update_sets_limits_with_what_held_before() -> None:
    plan = plan_order(order(OrderType.UPDATE, {"cpu": 9}), there({"cpu": 5}), NOBODY, {"cpu": Decimal(5)})
    (change,) = plan.changes
    assert isinstance(change, SetLimits)
    assert change.limits.wanted == {"cpu": 9}
    assert change.limits.previous == {"cpu": 5}
    assert change.limits.order == "5" * 32


@pytest.mark.parametrize("limits", [{}, {"cpu": 5}])
def test_an_update_without_a_difference_does_nothing(limits: Mapping[str, int]) -> None:
    plan = plan_order(order(OrderType.UPDATE, limits), there({"cpu": 5}), NOBODY)
    assert (plan.changes, plan.refusal) == ((), "")


def test_an_update_to_zero_is_a_difference() -> None:
    assert kinds(plan_order(order(OrderType.UPDATE, {"cpu": 0}), there(), NOBODY).changes) == ["set_limits"]


def test_an_update_of_an_account_that_is_not_there_fails() -> None:
    plan = plan_order(order(OrderType.UPDATE, {"cpu": 9}, "a_climate"), ABSENT, NOBODY)
    assert "a_climate" in plan.refusal


def test_a_terminate_deletes_what_is_there_or_left_over() -> None:
    assert kinds(plan_order(order(OrderType.TERMINATE), there(), NOBODY).changes) == ["delete_account"]
    left = AccountState(exists=False, residue="the project account p_ocean is empty")
    assert kinds(plan_order(order(OrderType.TERMINATE), left, NOBODY).changes) == ["delete_account"]
    assert plan_order(order(OrderType.TERMINATE), ABSENT, NOBODY).changes == ()


def test_a_backend_that_cannot_list_is_asked_for_everything() -> None:
    created = plan_order(order(OrderType.CREATE, {"cpu": 5}), None, known("jane"))
    assert kinds(created.changes) == ["create_account", "set_limits", "add_member"]
    assert kinds(plan_order(order(OrderType.UPDATE, {"cpu": 5}, "a"), None, NOBODY).changes) == ["set_limits"]
    assert plan_order(order(OrderType.UPDATE, {"cpu": 5}), None, NOBODY).refusal
    assert kinds(plan_order(order(OrderType.TERMINATE, None, "a"), None, NOBODY).changes) == ["delete_account"]
    assert plan_order(order(OrderType.TERMINATE), None, NOBODY).changes == ()


def applied(state: AccountState, changes: tuple[Change, ...]) -> AccountState:
    exists, limits, members = state.exists, dict(state.limits), dict(state.members)
    for change in changes:
        match change:
            case CreateAccount():
                exists = True
            case SetLimits():
                limits |= change.limits.wanted
            case AddMember():
                members[change.member.username] = {}
            case DeleteAccount():
                exists, limits, members = False, {}, {}
    return AccountState(exists=exists, backend_id="a_climate" if exists else "", limits=limits, members=members)


names = st.sampled_from(["jane", "joe", "ann", "bob"])
amounts = st.dictionaries(st.sampled_from(["cpu", "mem", "gres/gpu"]), st.integers(0, 5))


@given(
    kind=st.sampled_from(OrderType),
    wanted=amounts,
    held=amounts,
    present=st.sets(names),
    team=st.sets(names),
    exists=st.booleans(),
)
def test_applying_a_plan_reaches_the_order_and_a_second_plan_is_empty(
    kind: OrderType, wanted: dict[str, int], held: dict[str, int], present: set[str], team: set[str], exists: bool
) -> None:
    state = there(held, {name: {} for name in sorted(present)}) if exists else ABSENT
    asked = order(kind, wanted, "a_climate" if exists else "")
    plan = plan_order(asked, state, known(*team))
    if plan.refusal:
        assert plan.changes == ()
        return
    after = applied(state, plan.changes)
    assert plan_order(asked, after, known(*team)).changes == ()
    if kind is OrderType.TERMINATE:
        assert not after.exists
    else:
        assert {name: after.limits[name] for name in wanted} == wanted
    if kind is OrderType.CREATE:
        assert team | present >= set(after.members) >= team
