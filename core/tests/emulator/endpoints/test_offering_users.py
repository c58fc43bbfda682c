from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from waldur_agent.emulator.state import State
from waldur_api_client import AuthenticatedClient
from waldur_api_client.api.marketplace_offering_users import (
    marketplace_offering_users_begin_creating,
    marketplace_offering_users_create,
    marketplace_offering_users_destroy,
    marketplace_offering_users_list,
    marketplace_offering_users_partial_update,
    marketplace_offering_users_retrieve,
    marketplace_offering_users_set_pending_account_linking,
    marketplace_offering_users_update_comments_partial_update,
    marketplace_offering_users_update_restricted,
)
from waldur_api_client.models import (
    OfferingUser,
    OfferingUserRequest,
    OfferingUserState,
    OfferingUserStateTransitionRequest,
    OfferingUserUpdateRestrictionRequest,
    PatchedOfferingUserRequest,
    PatchedOfferingUserServiceProviderCommentRequest,
)

Sessions = Callable[[str], Any]
PATH = "marketplace-offering-users/"


@pytest.fixture
def bob(state: State) -> Any:
    """An account that waits for its name."""
    return state.account(state.offering(), state.user("bob"))


def test_list_parses_and_leaves_no_field_unknown_to_the_public_model(client: AuthenticatedClient, agent: Any) -> None:
    accounts = marketplace_offering_users_list.sync(client=client)
    assert [(item.user_username, item.username) for item in accounts] == [
        ("alice", "aanders"),
        ("bob", ""),
        ("carol", ""),
    ]
    assert [item.state for item in accounts] == [
        OfferingUserState.OK,
        OfferingUserState.REQUESTED,
        OfferingUserState.REQUESTED,
    ]
    assert all(OfferingUser.from_dict(item).additional_properties == {} for item in agent.get(PATH).json())


def test_account_is_named_in_the_usual_steps(client: AuthenticatedClient, bob: Any) -> None:
    uuid = UUID(bob.uuid)
    marketplace_offering_users_begin_creating.sync_detailed(uuid, client=client)
    assert bob.state == "Creating"
    comment = OfferingUserStateTransitionRequest(comment="link it", comment_url="https://idp.example.org/link")
    marketplace_offering_users_set_pending_account_linking.sync_detailed(uuid, client=client, body=comment)
    pending = marketplace_offering_users_retrieve.sync(uuid, client=client)
    assert pending is not None
    assert pending.state is OfferingUserState.PENDING_ACCOUNT_LINKING
    assert pending.service_provider_comment == "link it"
    named = marketplace_offering_users_partial_update.sync(
        uuid, client=client, body=PatchedOfferingUserRequest(username="bberg")
    )
    assert named is not None
    assert (named.username, named.state, named.service_provider_comment) == ("bberg", OfferingUserState.OK, "")


def test_wrong_step_is_409_and_changes_nothing(agent: Any, bob: Any) -> None:
    answer = agent.post(f"{PATH}{bob.uuid}/set_deleted/")
    assert (answer.status_code, answer.json()) == (409, {"detail": "Valid states for operation: Deleting."})
    assert bob.state == "Requested"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"comment": "x", "comment_url": None}, {"comment_url": ["This field may not be null."]}),
        ({"comment": "x", "comment_url": "link"}, {"comment_url": ["Enter a valid URL."]}),
    ],
)
def test_comment_address_must_be_one(agent: Any, bob: Any, body: Any, error: Any) -> None:
    bob.state = "Creating"
    answer = agent.post(f"{PATH}{bob.uuid}/set_pending_account_linking/", json=body)
    assert (answer.status_code, answer.json()) == (400, error)
    assert bob.state == "Creating"


def test_comments_change_without_a_step(client: AuthenticatedClient, bob: Any) -> None:
    body = PatchedOfferingUserServiceProviderCommentRequest(service_provider_comment="soon")
    answer = marketplace_offering_users_update_comments_partial_update.sync(UUID(bob.uuid), client=client, body=body)
    assert answer is not None
    assert (answer.service_provider_comment, bob.state) == ("soon", "Requested")


def test_account_is_created_once(client: AuthenticatedClient, agent: Any, state: State) -> None:
    user, offering = state.user("outsider"), state.offering()
    body = OfferingUserRequest(user_uuid=UUID(user.uuid), offering_uuid=UUID(offering.uuid), username="out")
    account = marketplace_offering_users_create.sync(client=client, body=body)
    assert account is not None
    assert (account.username, account.state) == ("out", OfferingUserState.OK)
    links = {
        "user": f"{agent.url}users/{user.uuid}/",
        "offering": f"{agent.url}marketplace-provider-offerings/{offering.uuid}/",
    }
    again = agent.post(PATH, json=links)
    assert again.status_code == 400
    assert again.json() == {"non_field_errors": ["The fields offering, user must make a unique set."]}
    bad = agent.post(PATH, json={"user": user.uuid, "offering": offering.uuid})
    assert bad.json() == {key: ["Invalid hyperlink - No URL match."] for key in ("user", "offering")}


def test_account_is_deleted(client: AuthenticatedClient, bob: Any, state: State) -> None:
    assert marketplace_offering_users_destroy.sync_detailed(UUID(bob.uuid), client=client).status_code == 204
    assert bob.uuid not in state.offering_users
    assert state.account(bob.offering, bob.user) is None


def test_restriction_is_set_and_filtered_by(client: AuthenticatedClient, agent: Any, bob: Any) -> None:
    body = OfferingUserUpdateRestrictionRequest(is_restricted=True)
    marketplace_offering_users_update_restricted.sync_detailed(UUID(bob.uuid), client=client, body=body)
    assert [item["user_username"] for item in agent.get(f"{PATH}?is_restricted=true").json()] == ["bob"]
    assert len(agent.get(f"{PATH}?is_restricted=false").json()) == 2


@pytest.mark.parametrize(
    ("query", "logins"),
    [
        ("state=Requested&state=Creating", ["bob", "carol"]),
        ("user_username=ALICE", ["alice"]),
        ("username=aanders", ["alice"]),
        ("user_username=aanders", []),
        ("query=carol", ["carol"]),
        ("o=-username,created", ["alice", "bob", "carol"]),
    ],
)
def test_filters_and_sorting(agent: Any, query: str, logins: list[str]) -> None:
    assert [item["user_username"] for item in agent.get(f"{PATH}?{query}").json()] == logins


def test_hidden_accounts_are_an_empty_list_and_no_error(agent: Any, caller: Sessions, bob: Any) -> None:
    bob.offering.plugin_options["service_provider_can_create_offering_user"] = False
    assert agent.get(PATH).json() == []
    answer = agent.get(f"{PATH}{bob.uuid}/")
    assert (answer.status_code, answer.json()) == (404, {"detail": "No OfferingUser matches the given query."})
    assert len(caller("staff").get(PATH).json()) == 3
    assert [item["user_username"] for item in caller("bob").get(PATH).json()] == ["bob"]


def test_manager_sees_accounts_but_may_not_name_them(caller: Sessions, bob: Any) -> None:
    manager = caller("manager")
    assert len(manager.get(PATH).json()) == 3
    assert manager.patch(f"{PATH}{bob.uuid}/", json={"username": "x"}).status_code == 403
    assert manager.post(f"{PATH}{bob.uuid}/begin_creating/").status_code == 403
    assert caller("olga").patch(f"{PATH}{bob.uuid}/", json={"username": "x"}).status_code == 404
    assert (bob.username, bob.state) == ("", "Requested")


def test_runtime_state_is_one_of_three(agent: Any, bob: Any) -> None:
    path = f"{PATH}{bob.uuid}/update_runtime_state/"
    assert agent.post(path, json={"runtime_state": "Pending account linking"}).status_code == 200
    assert agent.post(path, json={"runtime_state": "Asleep"}).status_code == 400
    assert bob.runtime_state == "Pending account linking"
