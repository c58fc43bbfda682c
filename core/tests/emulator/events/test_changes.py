from __future__ import annotations

from datetime import timedelta

from waldur_agent.emulator.events.changes import (
    AccountChanged,
    Change,
    OrderChanged,
    ResourceChanged,
    RoleChanged,
    Snapshot,
    differences,
    look,
)
from waldur_agent.emulator.records import Role
from waldur_agent.emulator.rules import offering_users, orders
from waldur_agent.emulator.state import State


def changes(state: State, before: Snapshot) -> list[Change]:
    return list(differences(state, before, look(state)))


def test_nothing_happened(state: State) -> None:
    assert changes(state, look(state)) == []


def test_an_order_moves_and_another_is_placed(state: State) -> None:
    before, order = look(state), next(iter(state.orders.values()))
    orders.approve(state, order, state.user("agent"))
    project, offering = order.resource.project, state.offering()
    placed = orders.order_resource(state, offering, project, state.user("alice"), name="x", limits={})
    assert changes(state, before) == [OrderChanged(order), OrderChanged(placed)]


def test_flags_and_projects_of_resources_count_and_limits_do_not(state: State) -> None:
    before, tides, atlas = look(state), state.resource("tides"), state.resource("atlas")
    tides.paused = True
    atlas.limits = {"gres/gpu": 1}
    assert changes(state, before) == [ResourceChanged(tides)]
    before = look(state)
    atlas.project = tides.project
    assert changes(state, before) == [ResourceChanged(atlas)]


def test_roles_are_granted_revoked_and_expire(state: State) -> None:
    before, project = look(state), state.project("Ocean")
    alice, bob = state.team_of(project)
    state.drop_role(alice)
    bob.expiration_time = state.now() + timedelta(hours=1)
    carol = Role("r1", "PROJECT.ADMIN", state.user("carol"), "project", project.uuid, "Ocean", state.now())
    state.add_role(carol)
    assert changes(state, before) == [
        RoleChanged(alice, project, granted=False),
        RoleChanged(carol, project, granted=True),
    ]
    before = look(state)
    state.clock_shift = timedelta(hours=2)
    assert changes(state, before) == [RoleChanged(bob, project, granted=False)]


def test_accounts_are_made_named_restricted_and_forgotten(state: State) -> None:
    before, offering = look(state), state.offering()
    bob = state.account(offering, state.user("bob"))
    alice = state.account(offering, state.user("alice"))
    assert bob is not None
    assert alice is not None
    offering_users.set_username(state, bob, "bberg")
    state.drop_offering_user(alice)
    olga = offering_users.make_account(state, offering, state.user("olga"))
    assert changes(state, before) == [
        AccountChanged(bob, "update", ("username", "state")),
        AccountChanged(olga, "create"),
        AccountChanged(alice, "delete"),
    ]
