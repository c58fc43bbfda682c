"""Accounts and funds: made, found again, told apart from others', and deleted with what was made for them alone."""

from __future__ import annotations

import pytest
from services.mam import Fault, Mam
from services.mam_plans import deposit, make_plugin, make_ref, uuid_of
from waldur_agent_hookspecs import (
    AccountState,
    BackendError,
    DeleteAccount,
    NamePolicy,
    NotReady,
    OutcomeStatus,
)
from waldur_agent_moab.backend import MoabPlugin

REF = make_ref()
HERE = make_ref(backend_id="a_climate")


def state(plugin: MoabPlugin, ref: object = HERE) -> AccountState:
    (found,) = plugin.list_accounts([ref]).values()  # type: ignore[list-item] # any ref
    return found


def test_an_account_is_made_with_its_projects_and_a_fund_each(mam: Mam, plugin: MoabPlugin) -> None:
    assert plugin.create_account(make_ref(name="Climate of 2026 | -x\nand more")) == "a_climate"
    assert mam.accounts() == {"p_ocean": "p_ocean", "a_climate": "p_ocean"}
    assert mam.description("a_climate") == f"Climate of 2026 -x and more (waldur {uuid_of('climate')})"
    assert mam.description("p_ocean") == f"The ocean (waldur {uuid_of('project ocean')})"
    assert (len(mam.funds("a_climate")), len(mam.funds("p_ocean"))) == (1, 1)
    with mam.counted() as calls:
        assert plugin.create_account(REF) == "a_climate"
    assert not [call for call in calls if call.writes]


def test_a_project_account_that_is_there_is_kept(mam: Mam, plugin: MoabPlugin) -> None:
    mam.add_account("p_ocean", "made by hand")
    assert plugin.create_account(REF) == "a_climate"
    assert mam.description("p_ocean") == "made by hand"
    assert len(mam.funds("p_ocean")) == 1


@pytest.mark.parametrize("description", ["by hand", f"Other (waldur {uuid_of('other')})"])
def test_another_account_of_that_name_is_in_the_way(mam: Mam, plugin: MoabPlugin, description: str) -> None:
    mam.add_account("a_climate", description)
    assert not state(plugin, REF).exists
    assert "exists already" in state(plugin, REF).conflict
    with pytest.raises(BackendError, match="exists already"):
        plugin.create_account(REF)
    assert plugin.delete_account(REF) is False
    assert mam.accounts() == {"a_climate": "a_climate"}


def test_a_row_that_cannot_be_taken_apart_is_in_the_way_as_well(mam: Mam, plugin: MoabPlugin) -> None:
    mam.add_account("a_climate", "by | hand")
    assert "exists already" in state(plugin, REF).conflict
    with pytest.raises(NotReady, match="a_climate"):
        state(plugin, HERE)


def test_an_account_that_differs_in_case_only_is_found_on_a_mam_that_folds(mam: Mam, plugin: MoabPlugin) -> None:
    mam.plays("names-fold")
    mam.add_account("A_Climate", f"Climate (waldur {uuid_of('climate')})")
    assert state(plugin, REF).backend_id == "A_Climate"
    assert state(plugin, HERE).exists


def test_two_resources_that_want_one_name_both_lose(mam: Mam, plugin: MoabPlugin) -> None:
    del mam
    states = plugin.list_accounts([REF, make_ref("climate", uuid="e" * 32)])
    assert all("is wanted for" in it.conflict for it in states.values())


def test_named_after_the_project_the_next_name_that_is_free_is_taken(mam: Mam, plugin: MoabPlugin) -> None:
    mam.add_account("a_ocean")
    refs = [make_ref(slug, name_policy=NamePolicy.PROJECT_SLUG) for slug in ("one", "two")]
    assert [it.backend_id for it in plugin.list_accounts(refs).values()] == ["a_ocean-0", "a_ocean-1"]
    assert [plugin.create_account(ref) for ref in refs] == ["a_ocean-0", "a_ocean-1"]


def test_an_account_that_lacks_its_fund_yet_is_not_finished(mam: Mam, plugin: MoabPlugin) -> None:
    mam.inject(Fault(program="mam-create-fund", skip=1, run=False, errors="no answer\n", status=1))
    with pytest.raises(NotReady, match="no answer"):
        plugin.create_account(REF)
    assert not mam.funds("a_climate")
    assert not state(plugin, REF).exists
    assert not state(plugin, REF).conflict
    plugin.create_account(REF)
    assert state(plugin, REF).exists
    assert len(mam.funds("a_climate")) == 1


def test_deleted_with_its_fund_which_is_found_first(mam: Mam, plugin: MoabPlugin) -> None:
    open_to_all = mam.add_open_fund()
    plugin.create_account(REF)
    plugin.create_account(make_ref("waves"))
    with mam.counted() as calls:
        assert plugin.delete_account(HERE) is True
    programs = [call.program for call in calls]
    assert programs.index("mam-list-funds") < programs.index("mam-delete-account")
    assert set(mam.accounts()) == {"p_ocean", "a_waves"}
    assert open_to_all in mam.funds()
    assert not mam.funds("a_climate")
    assert plugin.delete_account(make_ref("waves", "a_waves")) is True
    assert (mam.accounts(), mam.funds()) == ({}, [open_to_all])


def test_a_fund_made_by_hand_outlives_its_account_however_often_that_is_ended(mam: Mam, plugin: MoabPlugin) -> None:
    plugin.create_account(REF)
    (own,) = mam.funds("a_climate")
    mam.run("mam-create-fund", "-a", "a_climate")
    (_, by_hand) = mam.funds("a_climate")
    mam.inject(Fault(program="mam-delete-account", status=1, errors="busy\n", run=False))
    with pytest.raises(NotReady, match="busy"):
        plugin.delete_account(HERE)
    assert plugin.delete_account(HERE) is True
    assert "a_climate" not in mam.accounts()
    assert by_hand in mam.funds()
    assert own not in mam.funds()


@pytest.mark.parametrize("by_hand", ["account", "user", "description"])
def test_a_project_account_with_anything_of_somebody_elses_stays(mam: Mam, plugin: MoabPlugin, by_hand: str) -> None:
    plugin.create_account(REF)
    if by_hand == "account":
        mam.add_account("theirs", organization="p_ocean")
    elif by_hand == "user":
        mam.add_users("jdoe")
        mam.run("mam-modify-account", "--add-user", "+jdoe", "-a", "p_ocean")
    else:
        mam.sql("update accounts set description = 'renamed' where name = 'p_ocean'")
    assert plugin.delete_account(HERE) is True
    assert "p_ocean" in mam.accounts()
    assert len(mam.funds("p_ocean")) == 1


def test_what_somebody_put_below_an_account_holds_it(mam: Mam, plugin: MoabPlugin) -> None:
    plugin.create_account(REF)
    mam.add_account("theirs", organization="a_climate")
    (outcome,) = plugin.apply_changes([DeleteAccount(ref=HERE, reason="ordered")])
    assert outcome.status is OutcomeStatus.HELD
    assert "theirs" in outcome.text
    assert "a_climate" in mam.accounts()


def test_an_account_that_is_tagged_as_anothers_is_not_deleted(mam: Mam, plugin: MoabPlugin) -> None:
    mam.add_account("a_climate", f"Other (waldur {uuid_of('other')})")
    (outcome,) = plugin.apply_changes([DeleteAccount(ref=HERE, reason="ordered")])
    assert outcome.status is OutcomeStatus.HELD
    assert "a_climate" in mam.accounts()


def test_a_fund_that_may_be_open_to_all_is_left_where_nothing_tells(mam: Mam, plugin: MoabPlugin) -> None:
    mam.plays("no-constraints")
    open_to_all = mam.add_open_fund()
    plugin.create_account(REF)
    plugin.set_limits(REF, deposit(REF, 100).limits)
    assert mam.deposits("a_climate") == [100]
    (projects,) = mam.funds("p_ocean")
    assert plugin.delete_account(HERE) is True
    assert mam.accounts() == {}
    assert mam.funds() == [open_to_all, projects]


def test_gone_is_gone_only_if_it_is_gone_when_asked_for_alone(mam: Mam, plugin: MoabPlugin) -> None:
    mam.add_account("theirs")
    assert not state(plugin, HERE).exists
    assert plugin.delete_account(HERE) is False
    plugin.create_account(REF)
    listing = "theirs|by hand|theirs\n"
    mam.inject(Fault(program="mam-list-accounts", match="-a a_climate", once=False))
    mam.inject(Fault(program="mam-list-accounts", once=False, output=listing))
    with pytest.raises(NotReady, match="but not in its list"):
        state(plugin, HERE)


def test_no_accounts_at_all_are_not_believed_unless_the_only_ones_are_to_go(mam: Mam, plugin: MoabPlugin) -> None:
    with pytest.raises(NotReady, match="no accounts at all"):
        state(plugin, HERE)
    assert not state(plugin, REF).exists
    assert not state(plugin, make_ref(backend_id="a_climate", leaving=True)).exists
    assert plugin.delete_account(HERE) is False
    with pytest.raises(NotReady, match="no accounts at all"):
        plugin.set_limits(HERE, deposit(HERE, 1).limits)
    assert not [call for call in mam.calls if call.writes]


@pytest.mark.parametrize("variant", ["daemon-down", "not-root"])
def test_an_error_is_never_absence(mam: Mam, plugin: MoabPlugin, variant: str) -> None:
    plugin.create_account(REF)
    mam.plays(variant)
    for ref in (REF, HERE):
        with pytest.raises(NotReady, match="ended with exit status"):
            state(plugin, ref)
        with pytest.raises(NotReady, match="ended with exit status"):
            plugin.delete_account(ref)
    mam.plays()
    assert set(mam.accounts()) == {"p_ocean", "a_climate"}


def test_a_plan_is_written_down_and_nothing_is_done(mam: Mam) -> None:
    plugin = make_plugin(read_only=True)
    mam.add_users("jdoe")
    with pytest.raises(NotReady, match="only shows"):
        plugin.create_account(REF)
    assert mam.accounts() == {}


@pytest.mark.parametrize("variants", [[], ["no-constraints", "no-users-column", "usage-needs-an-account"]])
def test_the_words_for_nothing_are_understood(mam: Mam, plugin: MoabPlugin, variants: list[str]) -> None:
    mam.plays("message-when-empty", *variants)
    assert not state(plugin, REF).exists
    mam.inject(Fault(program="mam-create-fund", skip=1, run=False, status=1))
    with pytest.raises(NotReady):
        plugin.create_account(REF)
    assert not state(plugin, REF).exists
    plugin.create_account(REF)
    assert state(plugin, REF).members == {}
    plugin.set_limits(REF, deposit(REF, 100).limits)
    plugin.delete_account(REF)
    assert mam.accounts() == {}
    assert not mam.funds("a_climate")


def test_an_answer_that_ends_within_a_line_is_no_answer(mam: Mam, plugin: MoabPlugin) -> None:
    plugin.create_account(REF)
    mam.inject(Fault(program="mam-list-accounts", match="Organization", once=False, output="p_ocean|x|p_oc"))
    with pytest.raises(NotReady, match="cut off"):
        state(plugin, HERE)


def test_a_mam_that_never_ends_its_last_line_is_understood(mam: Mam, plugin: MoabPlugin) -> None:
    mam.plays("no-last-line-end")
    plugin.create_account(REF)
    assert state(plugin, HERE).exists
