from __future__ import annotations

from pathlib import Path

import pytest
from waldur_agent.emulator import scenario as module
from waldur_agent.emulator.scenario import ScenarioError, demo_scenario, read_scenario
from waldur_agent.emulator.seeding import seed


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "world.yaml"
    path.write_text(text)
    return path


def test_shorthands_stand_for_objects(tmp_path: Path) -> None:
    text = """
users: {alice: Alice Anders, sam: {full_name: Sam, staff: true}}
organizations:
  Uni: {projects: {Ocean: {team: {alice: manager, sam: {role: member, until: 2026-01-01}}}}}
offerings:
  Cluster: {provider: Uni, accounts: {alice: aanders}}
"""
    found = read_scenario(written(tmp_path, text))
    assert found.users["alice"].full_name == "Alice Anders"
    team = found.organizations["Uni"].projects["Ocean"].team
    assert (team["alice"].role, team["sam"].role) == ("manager", "member")
    assert found.offerings["Cluster"].accounts["alice"].username == "aanders"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "a scenario is a mapping with users, organizations and offerings"),
        ("users: {alice: A, alice: B}", "'alice' stands here a second time"),
        ("people: {}", "people: Extra inputs are not permitted"),
        (
            "offerings: {HPC cluster: {orders: [{resource: x, type: Renew}]}}",
            r"offerings > HPC cluster > orders\[0\] > type: Input should be 'Create', 'Update'",
        ),
        ("offerings: {C: {uuid: 12}}", "offerings > C > uuid: Input should be a valid string"),
        ("offerings: {C: {uuid: nonsense}}", "offerings > C > uuid: .*'nonsense' is no UUID"),
        (
            "offerings: {C: {components: {cpu: {factor: 0}}}}",
            "components > cpu > factor: .*greater than or equal to 1",
        ),
        ("server: {resource_slugs: some}", "server > resource_slugs: Input should be 'all', 'own' or 'none'"),
        ("users: [", "is no YAML"),
    ],
)
def test_mistakes_are_named_with_file_and_place(tmp_path: Path, text: str, error: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ScenarioError, match=error) as refusal:
        read_scenario(path)
    assert str(refusal.value).startswith(f"{path}: ")


def test_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"absent\.yaml: cannot be read"):
        read_scenario(tmp_path / "absent.yaml")


def test_example_of_the_documentation_is_a_world(tmp_path: Path) -> None:
    assert module.__doc__ is not None
    example = module.__doc__.split("::\n\n")[1].split("\n\nAn order")[0]
    state = seed(read_scenario(written(tmp_path, example)))
    assert [order.type for order in state.orders.values()] == ["Create", "Update", "Terminate"]
    assert [role.user.username for role in state.team_of(state.project("Ocean"))] == ["alice", "bob"]


def test_demonstration_has_what_it_is_for() -> None:
    state = seed(demo_scenario())
    types = [order.type for order in state.orders.values()]
    assert {kind: types.count(kind) for kind in types} == {"Create": 3, "Update": 1, "Terminate": 1}
    assert {order.state for order in state.orders.values()} == {"pending-provider"}
    assert set(state.offering().components) == {"cpu", "mem", "gres/gpu"}
    accounts = list(state.offering_users.values())
    assert {account.state for account in accounts} == {"OK"}
