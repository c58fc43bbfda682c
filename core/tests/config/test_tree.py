from __future__ import annotations

import pytest
import yaml
from waldur_agent.config.tree import Tree, Where, printable


def read(text: str) -> tuple[object, Tree]:
    tree = Tree("c.yaml")
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    assert node is not None
    return tree.data(node), tree


def test_every_key_and_value_has_its_place() -> None:
    data, tree = read("a:\n  - b: 1\n    c:\n")
    assert data == {"a": [{"b": 1, "c": None}]}
    assert (tree.keys["a",].line, tree.keys["a",].column) == (0, 0)
    assert (tree.values["a",].line, tree.values["a",].column) == (1, 2)
    assert (tree.values["a", 0, "b"].line, tree.values["a", 0, "b"].column) == (1, 7)


def test_a_value_left_out_is_where_its_key_is() -> None:
    _, tree = read("a:\n  - b: 1\n    c:\n")
    where: Where = ("a", 0, "c")
    assert (tree.values[where].line, tree.values[where].column) == (2, 4)


@pytest.mark.parametrize(
    ("text", "merged"),
    [
        ("{<<: {a: 1, b: 2}, b: 3}", {"a": 1, "b": 3}),
        ("{b: 3, <<: [{a: 1}, {a: 2, c: 4}]}", {"a": 1, "b": 3, "c": 4}),
    ],
    ids=["own keys win", "the first source wins"],
)
def test_merged_keys_are_as_yaml_has_them(text: str, merged: object) -> None:
    data, tree = read(text)
    assert data == merged == yaml.safe_load(text)
    assert tree.problems == []


def test_of_merged_mappings_within_each_other_the_nearer_wins() -> None:
    # As YAML has it; PyYAML 6.0.4 takes the farther one.
    data, tree = read("{<<: {<<: {a: 1, b: 2}, a: 5}}")
    assert (data, tree.problems) == ({"a": 5, "b": 2}, [])


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("qos_default", "qos_default"),
        ("gres/gpu", "gres/gpu"),
        ("waldur_api_token:5ecre7", "waldur_api_token…"),
        ("a" * 65, "a" * 64 + "…"),
        ("", ""),
    ],
)
def test_a_key_is_shown_as_far_as_it_looks_like_one(key: str, shown: str) -> None:
    assert printable(key) == shown
