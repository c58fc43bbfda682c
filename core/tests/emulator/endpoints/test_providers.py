from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from waldur_agent.emulator.state import State
from waldur_api_client import AuthenticatedClient
from waldur_api_client.api.marketplace_service_providers import (
    marketplace_service_providers_list,
    marketplace_service_providers_project_permissions_list,
    marketplace_service_providers_retrieve,
    marketplace_service_providers_set_offerings_username,
)
from waldur_api_client.models import ProjectPermissionLog, ServiceProvider, SetOfferingsUsernameRequest

Sessions = Callable[[str], Any]
PATH = "marketplace-service-providers/"


def provider_uuid(state: State) -> UUID:
    return UUID(state.offering().customer.provider_uuid)


def test_providers_parse_and_leave_no_field_unknown_to_the_public_model(
    client: AuthenticatedClient, agent: Any, state: State
) -> None:
    found = marketplace_service_providers_list.sync(client=client, customer_uuid=UUID(state.offering().customer.uuid))
    assert [(item.customer_name, item.offering_count) for item in found] == [("Centre", 1)]
    one = marketplace_service_providers_retrieve.sync(provider_uuid(state), client=client)
    assert one is not None
    assert one.uuid == provider_uuid(state)
    assert [ServiceProvider.from_dict(item).additional_properties for item in agent.get(PATH).json()] == [{}]
    assert agent.get(f"{PATH}?customer_uuid={'0' * 32}").json() == []


def test_project_permissions_are_the_roles_of_all_customers_projects(
    client: AuthenticatedClient, agent: Any, state: State
) -> None:
    found = marketplace_service_providers_project_permissions_list.sync(provider_uuid(state), client=client)
    assert [(item.project_name, item.user_username, item.role_name) for item in found] == [
        ("Ocean", "alice", "PROJECT.MANAGER"),
        ("Ocean", "bob", "PROJECT.MEMBER"),
        ("Genomics", "carol", "PROJECT.ADMIN"),
    ]
    path = f"{PATH}{provider_uuid(state)}/project_permissions/"
    raw = agent.get(path).json()
    assert [ProjectPermissionLog.from_dict(item).additional_properties for item in raw] == [{}, {}, {}]
    assert agent.get(path).headers["X-Result-Count"] == "3"
    second = agent.get(f"{path}?page_size=2&page=2&field=user_username&field=expiration_time")
    assert second.json() == [{"expiration_time": None, "user_username": "carol"}]


def test_projects_without_a_living_resource_and_expired_roles_are_left_out(agent: Any, state: State) -> None:
    state.resource("atlas").state = "Terminated"
    state.team_of(state.project("Ocean"))[1].expiration_time = datetime(2001, 1, 1, tzinfo=UTC)
    raw = agent.get(f"{PATH}{provider_uuid(state)}/project_permissions/").json()
    assert [item["user_username"] for item in raw] == ["alice"]


def test_project_permissions_are_for_the_provider_organisation(caller: Sessions, state: State) -> None:
    path = f"{PATH}{provider_uuid(state)}/project_permissions/"
    assert [caller(name).get(path).status_code for name in ("manager", "alice", "staff")] == [403, 403, 200]


def test_one_name_is_set_in_all_offerings(client: AuthenticatedClient, state: State) -> None:
    body = SetOfferingsUsernameRequest(user_uuid=UUID(state.user("bob").uuid), username="bberg")
    answer = marketplace_service_providers_set_offerings_username.sync_detailed(
        provider_uuid(state), client=client, body=body
    )
    assert answer.status_code == 201
    account = state.account(state.offering(), state.user("bob"))
    assert account is not None
    assert (account.username, account.state) == ("bberg", "OK")
