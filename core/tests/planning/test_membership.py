from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from waldur_agent.planning import AccountPlan, Known, People, Unknown, Wanted, plan_account
from waldur_agent_hookspecs import (
    AccountRef,
    AccountState,
    AccountStatus,
    AddMember,
    Change,
    CreateAccount,
    Limits,
    Member,
    Party,
    SetLimits,
    SetMemberLimits,
    SetStatus,
)

PARTY = Party("2" * 32, "ocean")
REF = AccountRef("1" * 32, "a_climate", "climate", "Climate", PARTY, PARTY)
EVERYBODY = People.of(["jane", "joe", "ann", "bob"])


def known(*names: str) -> Known:
    return Known({name: Member(name) for name in names}, len(names))


def account(*names: str, **more: object) -> AccountState:
    state = AccountState(exists=True, backend_id="a_climate", members=dict.fromkeys(names, _NONE))
    return replace(state, **more)  # type: ignore[arg-type]


_NONE: Limits = {}


def added(plan: AccountPlan) -> list[str]:
    return [change.member.username for change in plan.changes if isinstance(change, AddMember)]


def removed(plan: AccountPlan) -> list[str]:
    return [change.member.username for change in plan.removals]


def test_who_is_missing_is_added_and_who_left_is_removed() -> None:
    plan = plan_account(Wanted(REF, known("jane", "joe")), account("joe", "ann"), EVERYBODY)
    assert (added(plan), removed(plan), plan.hold) == (["jane"], ["ann"], "")


def test_whom_waldur_does_not_know_is_reported_and_never_removed() -> None:
    plan = plan_account(Wanted(REF, known("jane")), account("jane", "admin"), EVERYBODY)
    assert (removed(plan), plan.foreign, plan.removable) == ([], ("admin",), 1)


def test_the_protected_are_never_removed() -> None:
    people = People.of(["jane", "boss"], ["BOSS"])
    assert removed(plan_account(Wanted(REF, known("jane")), account("jane", "boss"), people)) == []


def test_a_restricted_account_loses_everybody_whom_waldur_knows_and_gets_nobody() -> None:
    wanted = Wanted(REF, known("jane", "joe"), restricted=True)
    plan = plan_account(wanted, account("jane", "ann", "admin"), EVERYBODY)
    assert (added(plan), removed(plan), plan.hold) == ([], ["ann", "jane"], "")


def test_unknown_members_change_nobody() -> None:
    plan = plan_account(Wanted(REF, Unknown("502")), account("jane", "ann"), EVERYBODY)
    assert (added(plan), removed(plan)) == ([], [])


def test_a_team_read_as_empty_holds_its_removals() -> None:
    plan = plan_account(Wanted(REF, known()), account("jane"), EVERYBODY)
    assert removed(plan) == ["jane"]
    assert "read as empty" in plan.hold


def test_a_team_whose_members_have_no_local_names_is_not_empty() -> None:
    plan = plan_account(Wanted(REF, Known({}, team_size=2)), account("jane"), EVERYBODY)
    assert (removed(plan), plan.hold) == (["jane"], "")


def test_names_are_compared_without_case() -> None:
    plan = plan_account(Wanted(REF, known("Jane")), account("jane"), People.of(["Jane"]))
    assert (added(plan), removed(plan), plan.foreign) == ([], [], ())


@pytest.mark.parametrize("state", [AccountState(exists=False), AccountState(exists=False, conflict="not ours")])
def test_a_vanished_account_is_reported_and_not_made_again(state: AccountState) -> None:
    plan = plan_account(Wanted(REF, known("jane")), state, EVERYBODY)
    assert plan.vanished
    assert plan.changes == ()


def test_a_vanished_account_is_made_again_where_that_is_asked_for_but_never_over_a_foreign_one() -> None:
    wanted = Wanted(REF, known("jane"), limits={"cpu": Decimal(5)}, recreate=True)
    plan = plan_account(wanted, AccountState(exists=False), EVERYBODY)
    assert [type(change) for change in plan.changes] == [CreateAccount, SetLimits, AddMember]
    assert plan_account(wanted, AccountState(exists=False, conflict="not ours"), EVERYBODY).vanished


@pytest.mark.parametrize("status", AccountStatus)
@pytest.mark.parametrize("now", [*AccountStatus, None])
def test_the_status_is_set_where_it_differs(status: AccountStatus, now: AccountStatus | None) -> None:
    plan = plan_account(Wanted(REF, known(), status=status), account(status=now), EVERYBODY)
    by_hand = now is None and status is AccountStatus.ACTIVE
    assert [type(change) for change in plan.changes] == ([] if now == status or by_hand else [SetStatus])


def test_limits_are_put_on_an_account_without_any_and_else_left_to_orders() -> None:
    wanted = Wanted(REF, known(), limits={"cpu": Decimal(5)})
    assert [type(change) for change in plan_account(wanted, account(), EVERYBODY).changes] == [SetLimits]
    for state in (account(limits={"cpu": Decimal(9)}), account(limits_reportable=False)):
        assert plan_account(wanted, state, EVERYBODY).changes == ()


def test_members_own_limits_are_set_freed_and_left_alone() -> None:
    wanted = Wanted(REF, known("jane", "joe", "ann"), member_limits={"jane": {"cpu": Decimal(5)}, "ann": {}})
    state = account(members={"jane": {"cpu": Decimal(9)}, "joe": {"mem": Decimal(1)}, "ann": {}})
    changes = list(plan_account(wanted, state, EVERYBODY).changes)
    assert [type(change) for change in changes] == [SetMemberLimits] * 2
    found = {it.member.username: it.limits for it in changes if isinstance(it, SetMemberLimits)}
    assert found["jane"].wanted == {"cpu": 5}
    assert found["joe"].wanted == {}
    assert found["joe"].previous == {"mem": 1}
    unread = Wanted(REF, known("jane"), member_limits=None)
    assert plan_account(unread, account(members={"jane": {"cpu": Decimal(9)}}), EVERYBODY).changes == ()


def applied(state: AccountState, changes: Iterable[Change], gone: Iterable[str]) -> AccountState:
    members: dict[str, Mapping[str, Decimal]] = dict(state.members)
    status = state.status
    for change in changes:
        match change:
            case AddMember():
                members[change.member.username] = {}
            case SetStatus():
                status = change.status
    for name in gone:
        del members[name]
    return replace(state, members=members, status=status)


names = st.sampled_from(["jane", "joe", "ann", "bob", "admin", "boss"])


@given(
    team=st.sets(names),
    present=st.sets(names),
    waldur=st.sets(names),
    protected=st.sets(names),
    restricted=st.booleans(),
    readable=st.booleans(),
    status=st.sampled_from(AccountStatus),
)
def test_a_plan_reaches_what_is_wanted_stays_reached_and_never_harms(
    team: set[str],
    present: set[str],
    waldur: set[str],
    protected: set[str],
    restricted: bool,
    readable: bool,
    status: AccountStatus,
) -> None:
    people = People.of(waldur | team, protected)
    members = known(*team) if readable else Unknown("unread")
    wanted = Wanted(REF, members, restricted=restricted, status=status)
    state = account(*present, status=AccountStatus.ACTIVE)
    plan = plan_account(wanted, state, people)
    gone = removed(plan)
    # Never harms: nobody who is foreign, protected or not known to have left.
    assert not set(gone) & (present - waldur - team)
    assert not set(gone) & protected
    if not readable and not restricted:
        assert gone == added(plan) == []
    # Reaches: the wanted are in, the removable others are out.
    after = applied(state, plan.changes, gone)
    if readable or restricted:
        want = set() if restricted else team
        assert want <= set(after.members)
        assert set(after.members) - want == {name for name in present - want if not people.removable(name)}
    assert after.status is status
    # Stays reached.
    again = plan_account(wanted, after, people)
    assert (again.changes, again.removals) == ((), ())
