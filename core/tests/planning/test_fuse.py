from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from waldur_agent.planning import AccountPlan, Earlier, Release, Verdict, fuse
from waldur_agent_hookspecs import AccountRef, Member, Party, RemoveMember

PARTY = Party("2" * 32, "ocean")


def plan(name: str, leaving: int, present: int, hold: str = "") -> AccountPlan:
    ref = AccountRef(name.ljust(32, "0"), name, name, name, PARTY, PARTY)
    removals = tuple(RemoveMember(ref=ref, reason="left", member=Member(f"u{number}")) for number in range(leaving))
    return AccountPlan(ref, removals=removals, hold=hold, removable=present)


def decide(*plans: AccountPlan, release: Release | None = None) -> Verdict:
    return fuse(plans, members=40, percent=30, release=release)


@pytest.mark.parametrize(
    ("leaving", "present", "held"),
    [
        (40, 1000, False),
        (41, 1000, True),
        (5, 5, False),  # up to five, the percentage does not count
        (6, 19, True),
        (6, 20, False),  # exactly 30 percent
        (30, 100, False),
        (31, 100, True),
        (60, 200, True),
    ],
)
def test_either_bound_trips_it(leaving: int, present: int, held: bool) -> None:
    verdict = decide(plan("a", leaving, present))
    assert bool(verdict.held) is held
    assert len(verdict.removals) == (0 if held else leaving)


def test_it_counts_the_whole_offering_and_holds_all_of_it() -> None:
    verdict = decide(plan("a", 21, 500), plan("b", 20, 500), plan("c", 0, 500))
    assert verdict.removals == ()
    assert [item.plan.ref.backend_id for item in verdict.held] == ["a", "b"]
    assert verdict.held[0].reason == "41 removals at once are more than removal_fuse.members (40) allows"


def test_the_reason_names_the_bound() -> None:
    (held,) = decide(plan("a", 31, 100)).held
    assert held.reason == "31 of 100 members removed at once are more than removal_fuse.percent (30) allows"


def test_a_team_read_as_empty_is_held_by_itself_and_does_not_count() -> None:
    verdict = decide(plan("a", 100, 500, "read as empty"), plan("b", 3, 500))
    assert [item.plan.ref.backend_id for item in verdict.held] == ["a"]
    assert len(verdict.removals) == 3


def test_everything_can_be_released_but_an_empty_team_only_by_name() -> None:
    plans = plan("a", 50, 50), plan("b", 2, 2, "read as empty")
    everything = decide(*plans, release=Release(everything=True))
    assert (len(everything.removals), [item.plan.ref.backend_id for item in everything.held]) == (50, ["b"])
    named = decide(*plans, release=Release(accounts=frozenset({"b"})))
    assert ({removal.ref.backend_id for removal in named.removals}, len(named.held)) == ({"b"}, 1)
    both = decide(*plans, release=Release(accounts=frozenset({"a", "b"})))
    assert (len(both.removals), both.held) == (52, ())


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60), st.booleans()), max_size=6),
    st.integers(0, 50),
    st.integers(0, 100),
)
def test_removals_never_exceed_the_fuse_and_nothing_is_lost(
    accounts: list[tuple[int, int, bool]], members: int, percent: int
) -> None:
    plans = [
        plan(f"a{number}", leaving, leaving + staying, "read as empty" if empty else "")
        for number, (leaving, staying, empty) in enumerate(accounts)
    ]
    verdict = fuse(plans, members=members, percent=percent)
    count, present = len(verdict.removals), sum(item.removable for item in plans)
    assert count <= members
    assert count <= 5 or count * 100 <= present * percent
    assert count + sum(len(item.plan.removals) for item in verdict.held) == sum(len(item.removals) for item in plans)
    assert not any(item.hold for item in plans if set(item.removals) & set(verdict.removals))


def test_removals_one_by_one_count_together() -> None:
    earlier = Earlier(0, 200)
    for _ in range(40):
        verdict = fuse([plan("a", 1, 4)], members=40, percent=30, earlier=earlier, whole=False)
        assert len(verdict.removals) == 1
        earlier = Earlier(earlier.removals + 1, 200)
    verdict = fuse([plan("a", 1, 4)], members=40, percent=30, earlier=earlier, whole=False)
    assert verdict.tripped
    assert verdict.held[0].reason.startswith("41 removals at once")
    assert verdict.held[0].reason.endswith("40 of them since the last look at the whole offering")


def test_a_few_accounts_are_measured_by_the_whole_offering() -> None:
    assert fuse([plan("a", 10, 10)], members=40, percent=30, earlier=Earlier(0, 200), whole=False).removals
    assert fuse([plan("a", 10, 10)], members=40, percent=30, earlier=Earlier(0, None), whole=False).held


def test_a_whole_pass_counts_those_who_went_before_as_present_then() -> None:
    """60 of 200: 30 one by one, and then 30 at once."""
    assert fuse([plan("a", 30, 170)], members=1000, percent=30, earlier=Earlier(30, 200)).removals
    assert fuse([plan("a", 31, 170)], members=1000, percent=30, earlier=Earlier(30, 200)).held


def test_what_went_before_holds_nothing_where_nothing_is_to_be_removed() -> None:
    assert fuse([plan("a", 0, 10)], members=40, percent=30, earlier=Earlier(100, 200)) == Verdict(())


@given(st.lists(st.integers(1, 10), max_size=60), st.integers(0, 50), st.integers(20, 300))
def test_however_it_is_split_no_more_are_removed_than_at_once(parts: list[int], members: int, present: int) -> None:
    earlier = Earlier(0, present)
    for leaving in parts:
        verdict = fuse([plan("a", leaving, leaving)], members=members, percent=100, earlier=earlier, whole=False)
        earlier = Earlier(earlier.removals + len(verdict.removals), present)
    assert earlier.removals <= members
