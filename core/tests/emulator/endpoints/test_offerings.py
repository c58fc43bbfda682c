from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from waldur_agent.emulator.state import State
from waldur_api_client import AuthenticatedClient
from waldur_api_client.api.marketplace_provider_offerings import (
    marketplace_provider_offerings_create_offering_component,
    marketplace_provider_offerings_list,
    marketplace_provider_offerings_remove_offering_component,
    marketplace_provider_offerings_retrieve,
    marketplace_provider_offerings_update_offering_component,
)
from waldur_api_client.models import (
    BillingTypeEnum,
    OfferingComponentRequest,
    OfferingState,
    ProviderOfferingDetails,
    RemoveOfferingComponentRequest,
    UpdateOfferingComponentRequest,
)

Sessions = Callable[[str], Any]
PATH = "marketplace-provider-offerings/"


def test_offering_parses_and_leaves_no_field_unknown_to_the_public_model(
    client: AuthenticatedClient, agent: Any, offering_uuid: str
) -> None:
    offering = marketplace_provider_offerings_retrieve.sync(UUID(offering_uuid), client=client)
    assert offering is not None
    assert (offering.name, offering.state, offering.type_) == ("Cluster", OfferingState.ACTIVE, "Marketplace.Slurm")
    components = offering.components or []
    assert [(item.type_, item.unit_factor) for item in components] == [("cpu", 60000), ("gres/gpu", 1), ("seat", 1)]
    assert components[1].limit_period.value == "total"  # type: ignore[union-attr]
    assert offering.plugin_options.service_provider_can_create_offering_user is True  # type: ignore[union-attr]
    raw = agent.get(f"{PATH}{offering_uuid}/").json()
    assert set(ProviderOfferingDetails.from_dict(raw).additional_properties) <= {"partitions"}


def test_list_shows_the_own_offerings_only(client: AuthenticatedClient, caller: Sessions) -> None:
    assert [offering.name for offering in marketplace_provider_offerings_list.sync(client=client)] == ["Cluster"]
    assert caller("alice").get(PATH).json() == []


def test_components_are_created_changed_and_removed(client: AuthenticatedClient, state: State) -> None:
    offering = state.offering()
    uuid = UUID(offering.uuid)
    new = OfferingComponentRequest(billing_type=BillingTypeEnum.LIMIT, type_="gres/fpga", name="FPGA", max_value=9.0)
    created = marketplace_provider_offerings_create_offering_component.sync_detailed(uuid, client=client, body=new)
    assert created.status_code == 201
    component = offering.components["gres/fpga"]
    change = UpdateOfferingComponentRequest(
        uuid=UUID(component.uuid),
        billing_type=BillingTypeEnum.LIMIT,
        type_="gres/fpga",
        name="FPGA",
        unit_factor=60,
        limit_amount=12.5,
    )
    marketplace_provider_offerings_update_offering_component.sync_detailed(uuid, client=client, body=change)
    parsed = marketplace_provider_offerings_retrieve.sync(uuid, client=client)
    assert parsed is not None
    shown = next(item for item in parsed.components or [] if item.type_ == "gres/fpga")
    assert (shown.unit_factor, shown.limit_amount, shown.max_value) == (60, 12.5, 9.0)
    gone = RemoveOfferingComponentRequest(uuid=UUID(component.uuid))
    marketplace_provider_offerings_remove_offering_component.sync_detailed(uuid, client=client, body=gone)
    assert "gres/fpga" not in offering.components


def test_offering_manager_describes_components_and_others_do_not_even_see_the_offering(
    caller: Sessions, offering_uuid: str
) -> None:
    path = f"{PATH}{offering_uuid}/create_offering_component/"
    body = {"billing_type": "limit", "type": "scratch", "name": "Scratch"}
    assert caller("manager").post(path, json=body).status_code == 201
    answer = caller("alice").post(path, json=body)
    assert (answer.status_code, answer.json()) == (404, {"detail": "No Offering matches the given query."})


def test_dashes_in_the_address_make_no_difference(agent: Any, offering_uuid: str) -> None:
    answer = agent.get(f"{PATH}{UUID(offering_uuid)}/?field=uuid")
    assert answer.json() == {"uuid": offering_uuid}


def test_integration_status_is_told(agent: Any, client: AuthenticatedClient, offering_uuid: str) -> None:
    name = {"User-Agent": "waldur-site-agent-order_process/2"}
    agent.get(f"marketplace-orders/?offering_uuid={offering_uuid}", headers=name)
    offering = marketplace_provider_offerings_retrieve.sync(UUID(offering_uuid), client=client)
    assert offering is not None
    statuses = offering.integration_status
    assert [(item.agent_type.value, item.status) for item in statuses or []] == [("Order processing", "Active")]  # type: ignore[union-attr]
