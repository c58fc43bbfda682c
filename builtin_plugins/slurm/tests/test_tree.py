"""Damage in slurmdbd's tree, seen before it does harm."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from waldur_agent_slurm.tree import Node, taken_along


@st.composite
def sound_trees(draw: st.DrawFn) -> list[Node]:
    """A root, some accounts below it, and users below these, numbered as slurmdbd does."""
    nodes: list[Node] = []
    number = 2
    for account in range(draw(st.integers(0, 5))):
        users = draw(st.integers(0, 3))
        nodes.append(Node(f"a{account}", number, number + 2 * users + 1))
        nodes += [Node(f"a{account}", number + 1 + 2 * user, number + 2 + 2 * user) for user in range(users)]
        number += 2 * users + 2
    return [Node("root", 1, number), *nodes]


@given(sound_trees(), st.sets(st.sampled_from(["a0", "a1", "a2", "a3", "a4"])))
def test_in_a_sound_tree_nothing_is_taken_along(nodes: list[Node], doomed: set[str]) -> None:
    assert taken_along(nodes, doomed) == {}


def test_numbers_that_overlap_are_seen() -> None:
    # As 22.05 left them: the project "shared" and its account lie within the numbers of the project "ends".
    nodes = [Node("root", 1, 24), Node("shared", 5, 18), Node("ends", 5, 12), Node("kept", 6, 11), Node("kept", 7, 8)]
    assert set(taken_along(nodes, {"ends"})) == {"ends"}
    assert taken_along(nodes, {"ends"})["ends"] in {"shared", "kept"}
    assert taken_along(nodes, {"kept"}) == {}


def test_a_users_association_can_take_others_along_as_well() -> None:
    nodes = [Node("root", 1, 10), Node("a", 2, 5), Node("a", 3, 4), Node("b", 3, 6)]
    assert taken_along(nodes, {"a"}) == {"a": "b"}


def test_without_numbers_there_is_nothing_to_fear() -> None:
    assert taken_along([], {"a"}) == {}
