from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from waldur_agent.emulator.state import State
from waldur_api_client import AuthenticatedClient
from waldur_api_client.api.marketplace_site_agent_identities import (
    marketplace_site_agent_identities_create,
    marketplace_site_agent_identities_list,
    marketplace_site_agent_identities_register_event_subscription,
    marketplace_site_agent_identities_register_queue,
    marketplace_site_agent_identities_register_service,
    marketplace_site_agent_identities_update,
)
from waldur_api_client.api.marketplace_site_agent_services import (
    marketplace_site_agent_services_register_processor,
    marketplace_site_agent_services_set_statistics,
)
from waldur_api_client.models import (
    AgentEventSubscriptionCreateRequest,
    AgentIdentity,
    AgentIdentityRequest,
    AgentProcessor,
    AgentProcessorCreateRequest,
    AgentQueueRegistrationRequest,
    AgentService,
    AgentServiceCreateRequest,
    AgentServiceStatisticsRequest,
    AgentServiceStatisticsRequestStatistics,
    ObservableObjectTypeEnum,
)

PATH = "marketplace-site-agent-identities/"
SERVICES = "marketplace-site-agent-services/"
Type = ObservableObjectTypeEnum


@pytest.fixture
def identity(agent: Any, offering_uuid: str) -> UUID:
    made = agent.post(PATH, json={"offering": offering_uuid, "name": "agent-x", "version": "1"})
    assert made.status_code == 201
    return UUID(made.json()["uuid"])


def test_the_public_client_makes_finds_and_updates_an_identity(
    client: AuthenticatedClient, agent: Any, offering_uuid: str
) -> None:
    body = AgentIdentityRequest(offering=UUID(offering_uuid), name="agent-y", version="1.0.0")
    made = marketplace_site_agent_identities_create.sync(client=client, body=body)
    assert made is not None
    body.version = "1.0.1"
    updated = marketplace_site_agent_identities_update.sync(made.uuid, client=client, body=body)
    assert updated is not None
    assert updated.version == "1.0.1"
    found = marketplace_site_agent_identities_list.sync(
        client=client, offering_uuid=UUID(offering_uuid), name="agent-y"
    )
    assert found == [updated]
    assert marketplace_site_agent_identities_list.sync(client=client, name="agent") == []
    assert AgentIdentity.from_dict(agent.get(f"{PATH}{made.uuid}/").json()).additional_properties == {}


@pytest.mark.parametrize(
    ("changed", "status"), [({"name": ""}, 400), ({"offering": "x"}, 400), ({"name": "agent-x"}, 400)]
)
def test_an_identity_that_cannot_be(
    agent: Any, identity: UUID, offering_uuid: str, changed: dict[str, str], status: int
) -> None:
    body = {"offering": offering_uuid, "name": "new"} | changed
    assert agent.post(PATH, json=body).status_code == status


def test_identities_are_for_the_providers_side(
    caller: Callable[[str], Any], identity: UUID, offering_uuid: str
) -> None:
    alice, manager = caller("alice"), caller("manager")
    assert alice.post(PATH, json={"offering": offering_uuid, "name": "mine"}).status_code == 403
    assert alice.get(PATH).json() == []
    assert alice.get(f"{PATH}{identity}/").status_code == 404
    assert [item["name"] for item in manager.get(PATH).json()] == ["agent-x"]


def test_one_queue_for_an_agent(client: AuthenticatedClient, state: State, identity: UUID) -> None:
    body = AgentQueueRegistrationRequest(object_types=[Type.USER_ROLE, Type.ORDER])
    register = marketplace_site_agent_identities_register_queue
    first = register.sync_detailed(identity, client=client, body=body)
    assert first.status_code == 201
    assert first.parsed.queue_name == f"consumer_{first.parsed.rmq_username}"
    assert first.parsed.vhost == state.user("agent").uuid
    assert first.parsed.observable_object_types == ["order", "user_role"]
    body = AgentQueueRegistrationRequest(object_types=[Type.RESOURCE])
    again = register.sync_detailed(identity, client=client, body=body)
    assert (again.status_code, again.parsed.queue_name) == (200, first.parsed.queue_name)
    assert again.parsed.observable_object_types == ["order", "resource", "user_role"], "types once registered stay"
    same = register.sync(identity, client=client, body=AgentQueueRegistrationRequest())
    assert same == again.parsed


def test_anothers_queue_is_409(caller: Callable[[str], Any], agent: Any, identity: UUID) -> None:
    assert agent.post(f"{PATH}{identity}/register_queue/", json={"object_types": ["order"]}).status_code == 201
    assert caller("manager").post(f"{PATH}{identity}/register_queue/", json={}).status_code == 409


@pytest.mark.parametrize("types", ["order", ["tea"]])
def test_a_queue_of_no_known_type(agent: Any, identity: UUID, types: Any) -> None:
    assert agent.post(f"{PATH}{identity}/register_queue/", json={"object_types": types}).status_code == 400


def test_a_subscription_of_an_agent_is_the_same_the_second_time(
    client: AuthenticatedClient, identity: UUID, offering_uuid: str
) -> None:
    register = marketplace_site_agent_identities_register_event_subscription
    body = AgentEventSubscriptionCreateRequest(Type.ORDER)
    first, again = (register.sync_detailed(identity, client=client, body=body) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.parsed == again.parsed
    [observed] = first.parsed.to_dict()["observable_objects"]
    assert (observed["object_type"], UUID(observed["offering_uuid"])) == ("order", UUID(offering_uuid))


def test_services_and_processors_register_and_become_idle(
    client: AuthenticatedClient, agent: Any, state: State, identity: UUID
) -> None:
    service = marketplace_site_agent_identities_register_service.sync(
        identity, client=client, body=AgentServiceCreateRequest(name="events", mode="event_process")
    )
    assert service is not None
    assert (service.state, service.identity_name) == ("Active", "agent-x")
    processor = marketplace_site_agent_services_register_processor.sync(
        service.uuid, client=client, body=AgentProcessorCreateRequest(name="orders", backend_type="SLURM")
    )
    assert processor is not None
    assert processor.service == service.uuid
    statistics = AgentServiceStatisticsRequestStatistics.from_dict({"orders": 3})
    told = marketplace_site_agent_services_set_statistics.sync(
        service.uuid, client=client, body=AgentServiceStatisticsRequest(statistics)
    )
    assert told is not None
    assert [item.name for item in told.processors] == ["orders"]
    raw = agent.post(f"{SERVICES}{service.uuid}/set_statistics/", json={"statistics": {}}).json()
    assert AgentService.from_dict(raw).additional_properties == {}
    raw = agent.post(f"{SERVICES}{service.uuid}/register_processor/", json={"name": "orders", "backend_type": "x"})
    assert (raw.status_code, AgentProcessor.from_dict(raw.json()).additional_properties) == (200, {})
    state.clock_shift = timedelta(minutes=11)
    [listed] = agent.get(f"{PATH}{identity}/").json()["services"]
    assert listed["state"] == "Idle"
    again = agent.post(f"{PATH}{identity}/register_service/", json={"name": "events", "mode": "event_process"})
    assert (again.status_code, UUID(again.json()["uuid"])) == (200, service.uuid)
