"""Who may use an account: read in bulk, added and removed one by one, each by itself."""

from __future__ import annotations

import pytest
from services.mam import Fault, Mam
from services.mam_plans import make_plugin, make_ref
from waldur_agent_hookspecs import AddMember, BackendError, Member, NotReady, OutcomeStatus, RemoveMember
from waldur_agent_moab.backend import MoabPlugin

HERE = make_ref(backend_id="a_climate")


@pytest.fixture(autouse=True)
def _account(mam: Mam) -> None:
    mam.add_account("p_ocean", fund=False)
    mam.add_account("a_climate", organization="p_ocean", fund=False)
    mam.add_users("jdoe", "asmith")


def members(plugin: MoabPlugin) -> set[str]:
    return set(plugin.list_accounts([HERE])[HERE.resource_uuid].members)


@pytest.mark.parametrize(
    "variants",
    [
        [],
        ["no-users-column"],
        ["empty-users-column"],
        ["message-when-empty"],
        ["adding-a-member-again-fails", "no-users-column"],
    ],
)
def test_users_come_and_go_also_without_a_fund_or_a_default_account(
    mam: Mam, plugin: MoabPlugin, variants: list[str]
) -> None:
    mam.plays(*variants)
    assert members(plugin) == set()
    assert plugin.add_member(HERE, Member("jdoe")) is True
    assert plugin.add_member(HERE, Member("jdoe")) is False
    assert plugin.add_member(HERE, Member("asmith")) is True
    assert members(plugin) == {"jdoe", "asmith"}
    assert plugin.remove_member(HERE, Member("jdoe")) is True
    assert plugin.remove_member(HERE, Member("jdoe")) is False
    assert members(plugin) == {"asmith"} == mam.members("a_climate")


def test_the_sign_goes_with_the_name_in_one_argument(mam: Mam, plugin: MoabPlugin) -> None:
    plugin.add_member(HERE, Member("jdoe"))
    plugin.remove_member(HERE, Member("jdoe"))
    writes = [call.arguments for call in mam.calls if call.writes]
    assert writes == [("--add-user", "+jdoe", "-a", "a_climate"), ("--del-user", "jdoe", "-a", "a_climate")]


def test_somebody_who_came_in_meanwhile_is_in(mam: Mam, plugin: MoabPlugin) -> None:
    mam.plays("adding-a-member-again-fails")
    mam.run("mam-modify-account", "--add-user", "+jdoe", "-a", "a_climate")
    mam.inject(Fault(program="mam-list-users", output=""))
    assert plugin.add_member(HERE, Member("jdoe")) is False


def test_somebody_who_left_meanwhile_is_out(mam: Mam, plugin: MoabPlugin) -> None:
    mam.inject(Fault(program="mam-list-users", output="jdoe|\n"))
    assert plugin.remove_member(HERE, Member("jdoe")) is True


def test_whom_mam_does_not_know_waits_alone(mam: Mam, plugin: MoabPlugin) -> None:
    changes = [AddMember(ref=HERE, reason="team", member=Member(name)) for name in ("-x", "nobody", "jdoe")]
    outcomes = plugin.apply_changes(changes)
    assert [it.status for it in outcomes] == [OutcomeStatus.FAILED, OutcomeStatus.WAITING, OutcomeStatus.DONE]
    assert "The user (nobody) does not exist" in outcomes[1].text
    assert mam.members("a_climate") == {"jdoe"}


def test_refused_for_another_reason_is_asked_again(mam: Mam, plugin: MoabPlugin) -> None:
    mam.inject(Fault(program="mam-modify-account", run=False, status=1, errors="database is locked\n", once=False))
    plugin_changes = [AddMember(ref=HERE, reason="team", member=Member("jdoe"))]
    (outcome,) = plugin.apply_changes(plugin_changes)
    assert outcome.status is OutcomeStatus.NOT_READY
    assert "database is locked" in outcome.text


def test_names_that_are_options_never_reach_a_command(mam: Mam, plugin: MoabPlugin) -> None:
    with pytest.raises(BackendError):
        plugin.add_member(HERE, Member("--help"))
    assert not [call for call in mam.calls if call.writes]


def test_a_command_that_is_missing_ends_the_batch(mam: Mam, plugin: MoabPlugin) -> None:
    (mam.bin_path / "mam-modify-account").unlink()
    changes = [AddMember(ref=HERE, reason="team", member=Member(name)) for name in ("jdoe", "asmith")]
    outcomes = plugin.apply_changes(changes)
    assert [it.status for it in outcomes] == [OutcomeStatus.NOT_READY] * 2
    assert all("mam-modify-account is not on PATH" in it.text for it in outcomes)


def test_the_directory_of_the_commands_can_be_told(mam: Mam, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    with pytest.raises(NotReady, match="set moab_bin_path"):
        members(make_plugin())
    assert members(make_plugin(moab_bin_path=str(mam.bin_path))) == set()


@pytest.mark.parametrize(("variants", "most"), [([], 2), (["no-users-column"], 23), (["empty-users-column"], 22)])
def test_reading_costs_the_same_for_any_number_of_members(mam: Mam, variants: list[str], most: int) -> None:
    mam.plays(*variants)
    users = [f"user{number}" for number in range(100)]
    mam.add_users(*users)
    refs = [make_ref(f"r{number}", f"a_r{number}") for number in range(20)]
    for ref in refs:
        mam.add_account(ref.backend_id, organization="p_ocean")
    mam.sql("insert into members select accounts.name, users.name from accounts, users where users.name like 'user%'")
    with mam.counted() as calls:
        states = make_plugin().list_accounts(refs)
    assert all(set(state.members) == set(users) for state in states.values())
    assert len(calls) <= most


def test_leaving_and_coming_costs_one_reading_of_each_account(mam: Mam, plugin: MoabPlugin) -> None:
    names = [f"user{number}" for number in range(10)]
    mam.add_users(*names)
    plugin.apply_changes([AddMember(ref=HERE, reason="team", member=Member(name)) for name in names[:5]])
    changes = [
        *(AddMember(ref=HERE, reason="team", member=Member(name)) for name in names[5:]),
        *(RemoveMember(ref=HERE, reason="left", member=Member(name)) for name in names[:5]),
    ]
    with mam.counted() as calls:
        plugin.apply_changes(changes)
    assert mam.members("a_climate") == set(names[5:])
    assert len([call for call in calls if not call.writes]) <= 2
