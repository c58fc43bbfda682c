from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from waldur_agent.emulator.state import State
from waldur_api_client import AuthenticatedClient
from waldur_api_client.api.component_user_usage_limits import component_user_usage_limits_list
from waldur_api_client.api.marketplace_component_usages import (
    marketplace_component_usages_list,
    marketplace_component_usages_retrieve,
    marketplace_component_usages_set_usage,
    marketplace_component_usages_set_user_usage,
    marketplace_component_usages_set_user_usages,
)
from waldur_api_client.api.marketplace_component_user_usages import marketplace_component_user_usages_list
from waldur_api_client.models import (
    ComponentUsage,
    ComponentUsageCreateRequest,
    ComponentUsageItemRequest,
    ComponentUserUsage,
    ComponentUserUsageBulkCreateRequest,
    ComponentUserUsageCreateRequest,
    ComponentUserUsageLimit,
)

Sessions = Callable[[str], Any]
PATH = "marketplace-component-usages/"
MONTH = datetime.now(UTC).date().replace(day=1)


@pytest.fixture
def tides(state: State) -> Any:
    return state.resource("tides")


def report(agent: Any, resource: Any, *usages: dict[str, str], **more: Any) -> Any:
    return agent.post(f"{PATH}set_usage/", json={"resource": resource.uuid, "usages": list(usages), **more})


def usage_uuid(agent: Any, resource: Any) -> str:
    report(agent, resource, {"type": "cpu", "amount": "10"})
    return str(agent.get(f"{PATH}?type=cpu").json()[0]["uuid"])


def test_usage_is_written_and_read_back(client: AuthenticatedClient, agent: Any, tides: Any) -> None:
    body = ComponentUsageCreateRequest(
        resource=UUID(tides.uuid),
        usages=[
            ComponentUsageItemRequest(type_="cpu", amount="12.34"),
            ComponentUsageItemRequest(type_="gres/gpu", amount="5", description="so far"),
        ],
    )
    answer = marketplace_component_usages_set_usage.sync_detailed(client=client, body=body)
    assert (answer.status_code, answer.content) == (201, b"")
    usages = marketplace_component_usages_list.sync(
        client=client, resource_uuid=UUID(tides.uuid), billing_period=MONTH
    )
    # The model says int; the server sends text with two decimals.
    amounts: list[tuple[Any, Any]] = [(item.type_, item.usage) for item in usages]
    assert amounts == [("cpu", "12.34"), ("gres/gpu", "5.00")]
    assert {item.billing_period for item in usages} == {MONTH}
    one = marketplace_component_usages_retrieve.sync(usages[1].uuid, client=client)  # type: ignore[arg-type]
    assert one is not None
    assert one.description == "so far"
    assert all(ComponentUsage.from_dict(item).additional_properties == {} for item in agent.get(PATH).json())


def test_a_second_report_overwrites_the_first(agent: Any, tides: Any) -> None:
    for amount in ("10", "4"):
        report(agent, tides, {"type": "cpu", "amount": amount})
    assert [item["usage"] for item in agent.get(PATH).json()] == ["4.00"]
    assert agent.get(f"marketplace-provider-resources/{tides.uuid}/").json()["current_usages"] == {"cpu": "4.00"}


@pytest.mark.parametrize(
    ("usages", "error"),
    [
        (
            [{"type": "cpu", "amount": "1"}, {"type": "gres/gpu", "amount": "1.234"}],
            {"usages": [{}, {"amount": ["Ensure that there are no more than 2 decimal places."]}]},
        ),
        ([{"type": "cpu", "amount": "lots"}], {"usages": [{"amount": ["A valid number is required."]}]}),
        ([{"type": "cpu", "amount": "NaN"}], {"usages": [{"amount": ["A valid number is required."]}]}),
        (
            [{"type": "cpu", "amount": "1" * 21}],
            {"usages": [{"amount": ["Ensure that there are no more than 20 digits in total."]}]},
        ),
        ([{"type": "cpu"}], {"usages": [{"amount": ["This field is required."]}]}),
        (
            [{"type": "cpu", "amount": "1"}, {"type": "nodes", "amount": "1"}, {"type": "seat", "amount": "1"}],
            {"non_field_errors": ["These components are invalid: nodes, seat."]},
        ),
    ],
)
def test_one_wrong_item_refuses_the_whole_report(agent: Any, tides: Any, usages: Any, error: Any) -> None:
    answer = report(agent, tides, *usages)
    assert (answer.status_code, answer.json()) == (400, error)
    assert agent.get(PATH).json() == []


def test_report_must_be_about_a_resource_that_is_there(agent: Any) -> None:
    item = {"type": "cpu", "amount": "1"}
    nothing = agent.post(f"{PATH}set_usage/", json={"usages": [item]})
    assert nothing.json() == {"non_field_errors": ["Either plan_period or resource should be provided."]}
    gone = agent.post(f"{PATH}set_usage/", json={"usages": [item], "resource": "0" * 32})
    assert gone.json() == {"resource": [f"Object with uuid={'0' * 32} does not exist."]}


@pytest.mark.parametrize("resource_state", ["Creating", "Erred", "Terminated"])
def test_resource_in_the_wrong_state_refuses_usage(agent: Any, tides: Any, resource_state: str) -> None:
    tides.state = resource_state
    answer = report(agent, tides, {"type": "cpu", "amount": "1"})
    assert (answer.status_code, answer.json()) == (400, {"resource": ["Resource is not in valid state."]})


def test_manager_reports_and_members_do_not(caller: Sessions, tides: Any) -> None:
    item = {"type": "cpu", "amount": "1"}
    assert report(caller("manager"), tides, item).status_code == 201
    assert report(caller("bob"), tides, item).status_code == 403


def test_usage_of_persons_is_written_and_read_back(client: AuthenticatedClient, agent: Any, tides: Any) -> None:
    uuid = UUID(usage_uuid(agent, tides))
    alice = agent.get("marketplace-offering-users/?username=aanders").json()[0]["url"]
    body = ComponentUserUsageCreateRequest(username="aanders", usage="3.2", user=alice)
    one = marketplace_component_usages_set_user_usage.sync_detailed(uuid, client=client, body=body)
    both = ComponentUserUsageBulkCreateRequest(
        usages=[
            ComponentUserUsageCreateRequest(username="aanders", usage="4"),
            ComponentUserUsageCreateRequest(username="guest", usage="1"),
        ]
    )
    many = marketplace_component_usages_set_user_usages.sync_detailed(uuid, client=client, body=both)
    assert (one.status_code, many.status_code) == (201, 201)
    found = marketplace_component_user_usages_list.sync(
        client=client, resource_uuid=UUID(tides.uuid), component_usage_billing_period=MONTH
    )
    parts: list[tuple[Any, Any, Any]] = [(item.username, item.usage, item.user) for item in found]
    assert parts == [
        ("aanders", "4.00", alice),
        ("guest", "1.00", None),
    ]
    raw = agent.get("marketplace-component-user-usages/").json()
    assert all(ComponentUserUsage.from_dict(item).additional_properties == {} for item in raw)
    assert [item["username"] for item in agent.get("marketplace-component-user-usages/?username=guest").json()] == [
        "guest"
    ]


def test_usages_of_persons_come_all_or_none(agent: Any, tides: Any) -> None:
    uuid = usage_uuid(agent, tides)
    usages = [{"username": "a", "usage": "1"}, {"username": "b", "usage": "0.001"}, {"usage": "1"}]
    answer = agent.post(f"{PATH}{uuid}/set_user_usages/", json={"usages": usages})
    assert answer.status_code == 400
    assert answer.json()["usages"][0] == {}
    assert [*answer.json()["usages"][1], *answer.json()["usages"][2]] == ["usage", "username"]
    assert agent.get("marketplace-component-user-usages/").json() == []


@pytest.mark.parametrize(
    ("user", "error"),
    [
        (None, "This field may not be null."),
        ("alice", "Invalid hyperlink - No URL match."),
        (f"http://x/api/marketplace-offering-users/{'0' * 32}/", "Invalid hyperlink - Object does not exist."),
    ],
)
def test_person_must_be_an_offering_users_address(agent: Any, tides: Any, user: Any, error: str) -> None:
    body = {"username": "a", "usage": "1", "user": user}
    answer = agent.post(f"{PATH}{usage_uuid(agent, tides)}/set_user_usage/", json=body)
    assert (answer.status_code, answer.json()) == (400, {"user": [error]})


def test_usage_of_a_person_needs_a_record_to_belong_to(agent: Any) -> None:
    answer = agent.post(f"{PATH}{'0' * 32}/set_user_usage/", json={"username": "a", "usage": "1"})
    assert (answer.status_code, answer.json()) == (404, {"detail": "No ComponentUsage matches the given query."})


def test_limits_of_persons(client: AuthenticatedClient, agent: Any, tides: Any) -> None:
    limits = component_user_usage_limits_list.sync(client=client, resource_uuid=UUID(tides.uuid), username="aanders")
    assert [(item.component_type, item.limit) for item in limits] == [("gres/gpu", "7.00")]
    assert component_user_usage_limits_list.sync(client=client, username="alice") == []
    raw = agent.get("component-user-usage-limits/").json()
    assert [ComponentUserUsageLimit.from_dict(item).additional_properties for item in raw] == [{}]
    assert "username" not in raw[0]


@pytest.mark.parametrize(
    ("query", "number"),
    [
        (f"billing_period={MONTH}", 1),
        ("billing_period=2001-01-01", 0),
        (f"billing_period_year={MONTH.year}&billing_period_month={MONTH.month}", 1),
        ("date_after=2001-01-01", 1),
        ("date_before=2001-01-01", 0),
        ("type=mem", 0),
    ],
)
def test_filters(agent: Any, tides: Any, query: str, number: int) -> None:
    usage_uuid(agent, tides)
    assert len(agent.get(f"{PATH}?{query}").json()) == number


def test_bad_dates_are_refused(agent: Any, tides: Any) -> None:
    assert agent.get(f"{PATH}?billing_period=March").json() == {"billing_period": ["Enter a valid date."]}
    answer = report(agent, tides, {"type": "cpu", "amount": "1"}, date="soon")
    assert (answer.status_code, answer.json()) == (400, {"date": ["Datetime has wrong format."]})


def test_a_persons_usage_with_a_date_belongs_to_that_month(agent: Any, tides: Any) -> None:
    assert report(agent, tides, {"type": "gres/gpu", "amount": "1"}).status_code == 201
    uuid = agent.get(PATH).json()[0]["uuid"]
    for action, body in (
        ("set_user_usage", {"username": "a", "usage": "1", "date": "2025-03-05T00:00:00Z"}),
        ("set_user_usages", {"usages": [{"username": "b", "usage": "2", "date": "2025-03-06T00:00:00Z"}]}),
    ):
        assert agent.post(f"{PATH}{uuid}/{action}/", json=body).status_code == 201
    rows = agent.get("marketplace-component-user-usages/?component_usage_billing_period=2025-03-01").json()
    assert [(row["username"], row["billing_period"]) for row in rows] == [("a", "2025-03-01"), ("b", "2025-03-01")]
    assert len(agent.get(f"{PATH}?billing_period=2025-03-01").json()) == 1
