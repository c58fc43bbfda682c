from __future__ import annotations

import pytest
from waldur_agent.emulator.errors import ApiError
from waldur_agent.emulator.records import OfferingUser
from waldur_agent.emulator.rules.offering_users import STATES, STEPS, make_account, set_username, take_step
from waldur_agent.emulator.scenario import Person, Scenario
from waldur_agent.emulator.seeding import seed
from waldur_agent.emulator.state import State

# Written down a second time on purpose: the table of the API's reference.
REFERENCE = {
    "begin_creating": ({"Requested", "Error creating"}, "Creating"),
    "set_pending_account_linking": (
        {"Creating", "Error creating", "Pending additional validation"},
        "Pending account linking",
    ),
    "set_pending_additional_validation": (
        {"Creating", "Error creating", "Pending account linking"},
        "Pending additional validation",
    ),
    "set_validation_complete": ({"Pending account linking", "Pending additional validation"}, "OK"),
    "set_ok": (
        {
            "Requested",
            "Creating",
            "Pending account linking",
            "Pending additional validation",
            "Error creating",
            "Error deleting",
        },
        "OK",
    ),
    "set_error_creating": (
        {"Requested", "Creating", "Pending account linking", "Pending additional validation"},
        "Error creating",
    ),
    "request_deletion": (
        {"OK", "Creating", "Pending account linking", "Pending additional validation", "Error creating"},
        "Requested deletion",
    ),
    "set_deleting": ({"Requested deletion", "Error deleting"}, "Deleting"),
    "set_deleted": ({"Deleting"}, "Deleted"),
    "set_error_deleting": ({"Requested deletion", "Deleting"}, "Error deleting"),
}


@pytest.fixture
def state(scenario: Scenario) -> State:
    return seed(scenario)


@pytest.fixture
def account(state: State) -> OfferingUser:
    found = state.account(state.offering(), state.user("bob"))
    assert found is not None
    return found


def test_every_step_is_covered() -> None:
    assert set(STEPS) == set(REFERENCE)


@pytest.mark.parametrize("action", REFERENCE)
@pytest.mark.parametrize("before", STATES)
def test_steps_go_as_the_reference_says(state: State, account: OfferingUser, action: str, before: str) -> None:
    valid, target = REFERENCE[action]
    account.state = before
    if before in valid:
        take_step(state, account, action)
        assert account.state == target
    else:
        with pytest.raises(ApiError) as refusal:
            take_step(state, account, action)
        assert (refusal.value.status, account.state) == (409, before)


def test_comments_come_with_pending_and_go_with_ok(state: State, account: OfferingUser) -> None:
    account.state = "Creating"
    take_step(state, account, "set_pending_account_linking", comment="link", url="https://idp.example.org")
    assert (account.comment, account.comment_url) == ("link", "https://idp.example.org")
    take_step(state, account, "set_error_creating")
    assert account.comment == "link"
    take_step(state, account, "set_ok")
    assert (account.comment, account.comment_url) == ("", "")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Requested", "OK"),
        ("Pending account linking", "OK"),
        ("Error creating", "OK"),
        ("OK", "OK"),
        ("Deleting", "Deleting"),
        ("Deleted", "Deleted"),
    ],
)
def test_a_name_ends_creation_and_nothing_else(state: State, account: OfferingUser, before: str, after: str) -> None:
    account.state, account.comment = before, "wait"
    set_username(state, account, "bberg")
    assert (account.username, account.state) == ("bberg", after)


def test_an_empty_name_changes_no_state(state: State, account: OfferingUser) -> None:
    set_username(state, account, "")
    assert account.state == "Requested"


@pytest.mark.parametrize(
    ("policy", "names", "account_state"),
    [
        ("service_provider", ["", ""], "Requested"),
        ("waldur_username", ["alice", "bob"], "OK"),
        ("full_name", ["alice_anders_01", "bob_01"], "OK"),
        ("anonymized", ["hpc_00000", "hpc_00001"], "OK"),
    ],
)
def test_waldur_names_by_policy(scenario: Scenario, policy: str, names: list[str], account_state: str) -> None:
    offering = scenario.offerings["Cluster"]
    offering.accounts = {}
    offering.plugin_options = {"username_generation_policy": policy, "username_anonymized_prefix": "hpc_"}
    scenario.users["alice"] = Person(full_name="Alice Anders")
    state = seed(scenario)
    accounts = [state.account(state.offering(), state.user(login)) for login in ("alice", "bob")]
    assert [item.username for item in accounts if item] == names
    assert {item.state for item in accounts if item} == {account_state}


def test_offering_may_leave_accounts_to_the_provider(scenario: Scenario) -> None:
    scenario.offerings["Cluster"].create_offering_users = False
    state = seed(scenario)
    assert state.account(state.offering(), state.user("carol")) is None


def test_account_with_a_name_needs_no_further_step(state: State) -> None:
    account = make_account(state, state.offering(), state.user("olga"), "olga")
    assert (account.state, state.account(account.offering, account.user)) == ("OK", account)
