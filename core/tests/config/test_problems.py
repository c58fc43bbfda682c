from __future__ import annotations

import pytest
from waldur_agent.config import ConfigError, Problem
from waldur_agent.config.problems import nearest


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Problem("c.yaml", "it is bad", 2, 5), "c.yaml:2:5: it is bad"),
        (Problem("PERIOD", "it is bad", expected="good"), "PERIOD: it is bad (expected good)"),
        (Problem("c.yaml", "it is bad", 2, 5, nearest="b"), "c.yaml:2:5: it is bad (did you mean b?)"),
        (Problem("c.yaml", "it is bad", 2, 5, "a", "b"), "c.yaml:2:5: it is bad (expected a; did you mean b?)"),
    ],
)
def test_a_problem_is_one_line(problem: Problem, text: str) -> None:
    assert str(problem) == text


def test_an_error_tells_its_problems_in_the_order_of_the_file() -> None:
    later, earlier = Problem("c.yaml", "x", 10, 1), Problem("c.yaml", "y", 9, 2)
    assert str(ConfigError(later, earlier)) == "c.yaml:9:2: y\nc.yaml:10:1: x"


@pytest.mark.parametrize(("name", "near"), [("nmae", "name"), ("NAME", "name"), ("zzz", ""), ("", "")])
def test_the_nearest_name_is_one_that_was_probably_meant(name: str, near: str) -> None:
    assert nearest(name, ["name", "plugins"]) == near
