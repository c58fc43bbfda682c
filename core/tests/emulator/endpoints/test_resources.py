from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from waldur_agent.emulator.records import OfferingUser
from waldur_agent.emulator.scenario import Membership, ResourceEntry, Scenario
from waldur_agent.emulator.server import EmulatorServer
from waldur_agent.emulator.state import State
from waldur_api_client import AuthenticatedClient
from waldur_api_client.api.marketplace_provider_resources import (
    marketplace_provider_resources_list,
    marketplace_provider_resources_refresh_last_sync,
    marketplace_provider_resources_retrieve,
    marketplace_provider_resources_set_as_erred,
    marketplace_provider_resources_set_as_ok,
    marketplace_provider_resources_set_backend_id,
    marketplace_provider_resources_set_backend_metadata,
    marketplace_provider_resources_set_limits,
    marketplace_provider_resources_set_state_ok,
    marketplace_provider_resources_submit_report,
    marketplace_provider_resources_team_list,
)
from waldur_api_client.models import (
    ReportSectionRequest,
    Resource,
    ResourceBackendIDRequest,
    ResourceBackendMetadataRequest,
    ResourceBackendMetadataRequestBackendMetadata,
    ResourceReportRequest,
    ResourceSetLimitsRequest,
    ResourceSetLimitsRequestLimits,
    ResourceSetStateErredRequest,
    ResourceState,
)

Sessions = Callable[[str], Any]
PATH = "marketplace-provider-resources/"


@pytest.fixture
def tides(state: State) -> Any:
    return state.resource("tides")


def test_list_parses_and_leaves_no_field_unknown_to_the_public_model(client: AuthenticatedClient, agent: Any) -> None:
    resources = marketplace_provider_resources_list.sync(client=client)
    assert [resource.name for resource in resources] == ["tides", "atlas", "waves"]
    raw = agent.get(PATH).json()
    assert [Resource.from_dict(item).additional_properties for item in raw] == [{}, {}, {}]


def test_resource_tells_what_an_account_is_made_from(client: AuthenticatedClient, tides: Any) -> None:
    resource = marketplace_provider_resources_retrieve.sync(UUID(tides.uuid), client=client)
    assert resource is not None
    assert (resource.backend_id, resource.slug, resource.project_slug) == ("hpc_tides", "tides", "ocean")
    assert resource.state is ResourceState.OK
    assert resource.order_in_progress.type_.value == "Update"  # type: ignore[union-attr]
    assert resource.creation_order is None
    options = resource.offering_plugin_options.to_dict()  # type: ignore[union-attr]
    assert options["username_generation_policy"] == "service_provider"


@pytest.mark.parametrize(
    ("told", "keys"), [("all", ["slug", "project_slug", "customer_slug"]), ("own", ["slug"]), ("none", [])]
)
def test_older_servers_do_not_tell_every_slug(
    scenario: Scenario, session_at: Callable[..., Any], told: Any, keys: list[str]
) -> None:
    scenario.server.resource_slugs = told
    with EmulatorServer(scenario) as server:
        for item in session_at(server.url, server.token).get(PATH).json():
            assert [key for key in ("slug", "project_slug", "customer_slug") if key in item] == keys


def test_only_the_fields_asked_for_are_answered_and_unknown_ones_ignored(agent: Any, tides: Any) -> None:
    query = f"{PATH}{tides.uuid}/?field=name&field=uuid&field=nonsense"
    assert agent.get(query).json() == {"uuid": tides.uuid, "name": "tides"}


def test_team_is_whole_and_knows_the_local_names(client: AuthenticatedClient, tides: Any) -> None:
    team = marketplace_provider_resources_team_list.sync(UUID(tides.uuid), client=client)
    assert [(member.username, member.role) for member in team] == [
        ("alice", "PROJECT.MANAGER"),
        ("bob", "PROJECT.MEMBER"),
    ]
    assert [member.offering_user_username for member in team] == ["aanders", ""]
    assert [member.offering_user_state.value for member in team if member.offering_user_state] == ["OK", "Requested"]


def test_team_comes_in_one_piece_without_pages(scenario: Scenario, session_at: Callable[..., Any]) -> None:
    team = scenario.organizations["University"].projects["Ocean"].team
    for number in range(30):
        scenario.users[f"user{number}"] = scenario.users["alice"].model_copy()
        team[f"user{number}"] = Membership()
    with EmulatorServer(scenario) as server:
        uuid = server.state.resource("tides").uuid
        answer = session_at(server.url, server.token).get(f"{PATH}{uuid}/team/")
        assert len(answer.json()) == 32
        assert "X-Result-Count" not in answer.headers


def test_expired_roles_are_gone_from_the_team(agent: Any, state: State, tides: Any) -> None:
    role = state.team_of(tides.project)[1]
    role.expiration_time = datetime.now(UTC) + timedelta(days=1)
    assert agent.get(f"{PATH}{tides.uuid}/team/").json()[1]["expiration_time"] is not None
    state.clock_shift = timedelta(days=2)
    assert [item["username"] for item in agent.get(f"{PATH}{tides.uuid}/team/").json()] == ["alice"]


def test_member_without_an_account_has_no_local_name(agent: Any, state: State, tides: Any) -> None:
    account: OfferingUser | None = state.account(tides.offering, state.user("bob"))
    assert account is not None
    state.drop_offering_user(account)
    item = agent.get(f"{PATH}{tides.uuid}/team/").json()[1]
    assert (item["offering_user_username"], item["offering_user_state"]) == (None, None)


def test_backend_id_tells_whether_it_changed(client: AuthenticatedClient, tides: Any) -> None:
    texts = []
    for _ in range(2):
        answer = marketplace_provider_resources_set_backend_id.sync(
            UUID(tides.uuid), client=client, body=ResourceBackendIDRequest(backend_id="new")
        )
        assert answer is not None
        texts.append(answer.status)
    assert texts == ["Resource backend_id has been changed.", "Resource backend_id is not changed."]
    assert tides.backend_id == "new"


def test_metadata_is_replaced_as_a_whole(client: AuthenticatedClient, agent: Any, tides: Any) -> None:
    tides.backend_metadata = {"old": 1}
    body = ResourceBackendMetadataRequest(
        backend_metadata=ResourceBackendMetadataRequestBackendMetadata.from_dict({"qos": "normal"})
    )
    answer = marketplace_provider_resources_set_backend_metadata.sync(UUID(tides.uuid), client=client, body=body)
    assert answer is not None
    assert tides.backend_metadata == {"qos": "normal"}
    empty = agent.post(f"{PATH}{tides.uuid}/set_backend_metadata/", json={})
    assert (empty.status_code, empty.json()) == (400, {"backend_metadata": ["This field is required."]})


def test_limits_are_written_without_an_order_but_only_for_known_components(
    client: AuthenticatedClient, agent: Any, tides: Any
) -> None:
    body = ResourceSetLimitsRequest(limits=ResourceSetLimitsRequestLimits.from_dict({"gres/gpu": 3}))
    assert marketplace_provider_resources_set_limits.sync(UUID(tides.uuid), client=client, body=body) is not None
    assert tides.limits == {"gres/gpu": 3}
    answer = agent.post(f"{PATH}{tides.uuid}/set_limits/", json={"limits": {"nodes": 3}})
    assert (answer.status_code, answer.json()) == (400, {"limits": ["Invalid component types: nodes"]})
    assert tides.limits == {"gres/gpu": 3}


def test_error_state_is_set_with_texts_and_cleared(client: AuthenticatedClient, tides: Any) -> None:
    uuid = UUID(tides.uuid)
    body = ResourceSetStateErredRequest(error_message="broken", error_traceback="tb")
    marketplace_provider_resources_set_as_erred.sync_detailed(uuid, client=client, body=body)
    assert (tides.state, tides.error_message, tides.error_traceback) == ("Erred", "broken", "tb")
    assert marketplace_provider_resources_set_as_ok.sync_detailed(uuid, client=client).content == b""
    assert (tides.state, tides.error_message, tides.error_traceback) == ("OK", "", "")
    tides.state = "Erred"
    assert marketplace_provider_resources_set_state_ok.sync(uuid, client=client) is not None
    assert tides.state == "OK"


def test_terminated_resource_never_comes_back(agent: Any, tides: Any) -> None:
    tides.state = "Terminated"
    for action in ("set_as_ok", "set_state_ok"):
        assert agent.post(f"{PATH}{tides.uuid}/{action}/").status_code == 409
    assert tides.state == "Terminated"


def test_last_sync_moves(client: AuthenticatedClient, tides: Any) -> None:
    before = tides.last_sync
    assert (
        marketplace_provider_resources_refresh_last_sync.sync_detailed(UUID(tides.uuid), client=client).content == b""
    )
    assert tides.last_sync > before


def test_report_needs_a_section(client: AuthenticatedClient, agent: Any, tides: Any) -> None:
    body = ResourceReportRequest(report=[ReportSectionRequest(header="Log", body="text")])
    assert marketplace_provider_resources_submit_report.sync(UUID(tides.uuid), client=client, body=body) is not None
    resource = marketplace_provider_resources_retrieve.sync(UUID(tides.uuid), client=client)
    assert resource is not None
    assert [section.header for section in resource.report or []] == ["Log"]
    assert agent.post(f"{PATH}{tides.uuid}/submit_report/", json={"report": []}).status_code == 400


@pytest.mark.parametrize("flag", ["paused", "downscaled", "restrict_member_access"])
def test_flags_are_for_staff_and_can_be_filtered_by(agent: Any, caller: Sessions, tides: Any, flag: str) -> None:
    path, body = f"{PATH}{tides.uuid}/set_{flag}/", {flag: True}
    assert agent.post(path, json=body).status_code == 403
    assert getattr(tides, flag) is False
    assert caller("staff").post(path, json=body).status_code == 200
    assert [item["name"] for item in agent.get(f"{PATH}?{flag}=true").json()] == ["tides"]
    assert [item["name"] for item in agent.get(f"{PATH}?{flag}=false").json()] == ["atlas", "waves"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("state=OK", ["tides", "atlas"]),
        ("state=OK&state=Creating", ["tides", "atlas", "waves"]),
        ("backend_id=hpc_atlas", ["atlas"]),
        ("backend_id=hpc", []),
        ("name=tid", ["tides"]),
        ("name_exact=tid", []),
        ("slug=waves", ["waves"]),
        ("query=ocean", ["tides", "waves"]),
        ("visible_to_username=carol", ["atlas"]),
        ("o=name", ["atlas", "tides", "waves"]),
        ("o=-project_name,name", ["tides", "waves", "atlas"]),
    ],
)
def test_filters_and_sorting(agent: Any, query: str, names: list[str]) -> None:
    assert [item["name"] for item in agent.get(f"{PATH}?{query}&field=name").json()] == names


def test_several_offerings_may_be_named(agent: Any, offering_uuid: str) -> None:
    query = f"{PATH}?offering_uuid={UUID(int=1)}&offering_uuid={offering_uuid}&field=name"
    assert len(agent.get(query).json()) == 3


def test_manager_reports_about_resources_that_customers_do_not_see_here(caller: Sessions, tides: Any) -> None:
    manager = caller("manager")
    assert manager.post(f"{PATH}{tides.uuid}/set_backend_id/", json={"backend_id": "x"}).status_code == 200
    for name in ("alice", "outsider"):
        assert caller(name).get(PATH).json() == []
        answer = caller(name).get(f"{PATH}{tides.uuid}/")
        assert (answer.status_code, answer.json()) == (404, {"detail": "No Resource matches the given query."})


def test_reading_resources_marks_usage_reporting_as_active(agent: Any, state: State, offering_uuid: str) -> None:
    agent.get(f"{PATH}?offering_uuid={offering_uuid}", headers={"User-Agent": "waldur-site-agent-report/1"})
    assert list(state.agent_seen) == [(offering_uuid, "Usage reporting")]


def test_a_page_of_thousands_renders_only_its_own(scenario: Scenario, session_at: Callable[..., Any]) -> None:
    class Counting(dict[str, Any]):
        read = 0

        def values(self) -> Any:
            self.read += 1
            return super().values()

    scenario.offerings["Cluster"].resources |= {
        f"r{number}": ResourceEntry(project="Ocean") for number in range(5000)
    }
    with EmulatorServer(scenario) as server:
        offering = server.state.offering()
        offering.components = counting = Counting(offering.components)
        query = "?field=offering_components&field=uuid&page_size=100&page=7"
        answer = session_at(server.url, server.token).get(f"{PATH}{query}")
        assert (len(answer.json()), answer.headers["X-Result-Count"]) == (100, "5003")
        assert counting.read == 100
