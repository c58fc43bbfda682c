from __future__ import annotations

import pytest
from pydantic import ValidationError
from waldur_agent.emulator.faults import Fault, FaultPlan, Kind


def hits(plan: FaultPlan, number: int, method: str = "GET", path: str = "/api/x/", page: int = 1) -> list[bool]:
    return [bool(plan.draw(method, path, page)) for _ in range(number)]


def test_method_and_path_narrow_a_fault_down() -> None:
    plan = FaultPlan([Fault(kind=Kind.STATUS, method="POST", path="set_(done|erred)/$")])
    assert plan.draw("POST", "/api/orders/1/set_done/")
    assert not plan.draw("GET", "/api/orders/1/set_done/")
    assert not plan.draw("POST", "/api/orders/1/approve/")


def test_only_the_nth_match_is_hit() -> None:
    assert hits(FaultPlan([Fault(kind=Kind.STATUS, nth=3)]), 5) == [False, False, True, False, False]


def test_a_fault_with_a_count_ends() -> None:
    assert hits(FaultPlan([Fault(kind=Kind.STATUS, count=2)]), 4) == [True, True, False, False]


def test_chance_is_the_same_for_the_same_seed_whatever_comes_between() -> None:
    fault = Fault(kind=Kind.STATUS, probability=0.5)
    alone, mixed = FaultPlan([fault], seed=7), FaultPlan([fault], seed=7)
    first = hits(alone, 50)
    second = []
    for _ in range(50):
        mixed.draw("POST", "/api/other/")
        second.append(bool(mixed.draw("GET", "/api/x/")))
    assert first == second
    assert first != hits(FaultPlan([fault], seed=8), 50)
    assert 10 < sum(first) < 40


@pytest.mark.parametrize(("probability", "expected"), [(0.0, False), (1.0, True)])
def test_certainty_is_certain(probability: float, expected: bool) -> None:
    assert set(hits(FaultPlan([Fault(kind=Kind.STATUS, probability=probability)]), 100)) == {expected}


def test_latency_comes_with_another_fault_and_of_others_the_first_counts() -> None:
    slow, refused = Fault(kind=Kind.LATENCY), Fault(kind=Kind.STATUS)
    dropped = Fault(kind=Kind.DROP_BEFORE)
    plan = FaultPlan([refused, dropped, slow])
    assert plan.draw("GET", "/") == [refused, slow]
    assert [item["hit"] for item in plan.report()] == [1, 0, 1]


def test_page_faults_are_for_lists_and_a_duplicate_needs_a_page_before() -> None:
    short, twice = FaultPlan([Fault(kind=Kind.SHORT_PAGE)]), FaultPlan([Fault(kind=Kind.DUPLICATE_PAGE)])
    assert (hits(short, 1), hits(short, 1, method="POST")) == ([True], [False])
    assert (hits(twice, 1), hits(twice, 1, page=2)) == ([False], [True])


def test_plan_changes_while_it_is_in_force() -> None:
    plan = FaultPlan([Fault(kind=Kind.STATUS)])
    plan.clear()
    assert hits(plan, 1) == [False]
    plan.add(Fault(kind=Kind.DROP_AFTER))
    plan.replace([Fault(kind=Kind.LATENCY, seconds=0)])
    assert [item["kind"] for item in plan.report()] == ["latency"]


def test_reseeding_changes_what_chance_does() -> None:
    plan, fault = FaultPlan(seed=1), Fault(kind=Kind.STATUS, probability=0.5)
    plan.reseed(7)
    plan.add(fault)
    assert hits(plan, 50) == hits(FaultPlan([fault], seed=7), 50)


@pytest.mark.parametrize(
    "wrong",
    [
        {"probability": 1.5},
        {"path": "("},
        {"status": 42},
        {"nth": -1},
        {"method": "FETCH"},
        {"kind": "explode"},
        {"colour": "red"},
    ],
)
def test_senseless_faults_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Fault.model_validate({"kind": "status"} | wrong)
