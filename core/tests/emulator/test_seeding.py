from __future__ import annotations

from typing import Any

import pytest
from waldur_agent.emulator.scenario import OrderEntry, ResourceEntry, Scenario, ScenarioError
from waldur_agent.emulator.seeding import seed


def test_uuids_and_tokens_are_the_same_every_time(scenario: Scenario) -> None:
    one, other = seed(scenario), seed(scenario)
    assert list(one.orders) == list(other.orders)
    assert list(one.resources) == list(other.resources)
    assert [user.token for user in one.users.values()] == [user.token for user in other.users.values()]


def test_given_uuids_are_kept_in_waldurs_form(scenario: Scenario) -> None:
    scenario.offerings["Cluster"].uuid = "11111111222233334444555555555555"
    assert list(seed(scenario).offerings) == ["11111111222233334444555555555555"]


def test_agent_without_a_role_owns_the_providers(scenario: Scenario) -> None:
    scenario.organizations["Centre"].owners = []
    state = seed(scenario)
    assert [role.name for role in state.roles_of(state.user("agent"))] == ["CUSTOMER.OWNER"]


def test_agent_that_manages_the_offering_stays_a_manager(scenario: Scenario) -> None:
    scenario.organizations["Centre"].owners = []
    scenario.offerings["Cluster"].managers = ["agent"]
    state = seed(scenario)
    assert [role.name for role in state.roles_of(state.user("agent"))] == ["OFFERING.MANAGER"]


def test_agent_need_not_be_listed(scenario: Scenario) -> None:
    scenario.agent = "robot"
    state = seed(scenario)
    assert state.agent is state.user("robot")


def test_executing_order_has_its_resource_under_way(scenario: Scenario) -> None:
    scenario.offerings["Cluster"].orders[1].state = "executing"
    assert seed(scenario).resource("tides").state == "Updating"


def test_order_waiting_for_its_customer_is_not_reviewed(scenario: Scenario) -> None:
    scenario.offerings["Cluster"].orders[0].state = "pending-consumer"
    first, second, _ = seed(scenario).orders.values()
    assert first.consumer_reviewed_at is None
    assert second.consumer_reviewed_at is not None


def test_objects_age_in_the_order_in_which_they_are_written(scenario: Scenario) -> None:
    moments = [order.created for order in seed(scenario).orders.values()]
    assert moments == sorted(set(moments))


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"orders": [OrderEntry(resource="x")]}, r"orders\[0\]: a Create order needs a `project`"),
        ({"orders": [OrderEntry(resource="x", project="Sea")]}, "there is no project 'Sea'; there are Genomics, Oc"),
        (
            {"orders": [OrderEntry(resource="x", project="Ocean", by="eve")]},
            r"offerings > Cluster > orders\[0\]: there is no user 'eve'; there are agent, alice",
        ),
        (
            {"orders": [OrderEntry(resource="tides", project="Ocean")]},
            "there is a resource 'tides' already",
        ),
        (
            {"orders": [OrderEntry(type="Update", resource="nope")]},
            "there is no resource 'nope'; there are atlas, tides",
        ),
        (
            {"resources": {"r": ResourceEntry(project="Ocean", limits={"gpu": 1})}, "orders": []},
            "resources > r > limits: there is no component 'gpu'; there are cpu, gres/gpu, seat",
        ),
        ({"managers": ["eve"]}, "there is no user 'eve'"),
        ({"provider": "University"}, "there is no provider 'University'; there are Centre"),
    ],
)
def test_names_that_refer_to_nothing_are_named_with_those_there_are(
    scenario: Scenario, change: dict[str, Any], error: str
) -> None:
    offering = scenario.offerings["Cluster"]
    scenario.offerings["Cluster"] = offering.model_copy(update=change)
    with pytest.raises(ScenarioError, match=error):
        seed(scenario)


def test_provider_must_be_clear(scenario: Scenario) -> None:
    scenario.organizations["University"].provider = True
    with pytest.raises(ScenarioError, match="say which `provider`: there are Centre, University"):
        seed(scenario)
