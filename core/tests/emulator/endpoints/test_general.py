from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from waldur_agent.emulator.state import State
from waldur_api_client import AuthenticatedClient
from waldur_api_client.api.marketplace_integration_statuses import marketplace_integration_statuses_list
from waldur_api_client.api.users import users_me_retrieve
from waldur_api_client.api.version import version_retrieve
from waldur_api_client.models import UserMe


def test_version_is_told(client: AuthenticatedClient) -> None:
    version = version_retrieve.sync(client=client)
    assert version is not None
    assert version.version == "8.1.3"


def test_user_is_told_with_the_roles(client: AuthenticatedClient, agent: Any) -> None:
    user = users_me_retrieve.sync(client=client)
    assert user is not None
    assert (user.username, user.is_staff) == ("agent", False)
    assert [(role.role_name, role.scope_type, role.scope_name) for role in user.permissions or []] == [
        ("CUSTOMER.OWNER", "customer", "Centre")
    ]
    assert UserMe.from_dict(agent.get("users/me/").json()).additional_properties == {}


def test_integration_statuses_turn_disconnected_after_an_hour(
    client: AuthenticatedClient, agent: Any, state: State, offering_uuid: str, caller: Callable[[str], Any]
) -> None:
    name = {"User-Agent": "waldur-site-agent-order-process/1"}
    agent.get(f"marketplace-orders/?offering_uuid={offering_uuid}", headers=name)
    statuses = marketplace_integration_statuses_list.sync(client=client)
    assert [(item.agent_type.value, item.status) for item in statuses] == [("Order processing", "Active")]
    state.clock_shift = timedelta(hours=2)
    assert [item.status for item in marketplace_integration_statuses_list.sync(client=client)] == ["Disconnected"]
    assert caller("alice").get("marketplace-integration-statuses/").json() == []
