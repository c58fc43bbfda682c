from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from waldur_agent.planning import Figures, figures, plan_members, plan_totals
from waldur_agent_hookspecs import ComponentRule, Usage

RULES = {
    "cpu": ComponentRule(Decimal(60000)),
    "mem": ComponentRule(Decimal(61440)),
    "gpu": ComponentRule(Decimal(60)),
}
NAMES = ["jane", "joe", "ann", "bob"]

amounts = st.decimals(0, 10**12, places=3)
usages = st.builds(
    Usage,
    st.dictionaries(st.sampled_from(NAMES), st.dictionaries(st.sampled_from(sorted(RULES)), amounts)),
    st.dictionaries(st.sampled_from(sorted(RULES)), amounts),
)
cents = st.decimals(0, 10**9, places=2)


def of(usage: Usage) -> Figures:
    return figures(usage, list(RULES), RULES)


@given(usages)
def test_a_total_and_its_members_differ_by_no_more_than_their_rounding(usage: Usage) -> None:
    wanted = of(usage)
    for component, rule in RULES.items():
        parts = [amount for (_, name), amount in wanted.members.items() if name == component]
        rest = usage.unattributed.get(component, Decimal(0)) / rule.factor
        bound = len(parts) * Decimal("0.005") + Decimal("0.005")
        assert abs(wanted.totals[component] - sum(parts) - rest) <= bound + Decimal("1e-12")


@given(usages, st.dictionaries(st.sampled_from(sorted(RULES)), cents))
def test_no_total_becomes_less_and_a_second_plan_is_empty(usage: Usage, recorded: Mapping[str, Decimal]) -> None:
    plan = plan_totals(of(usage), recorded)
    fallen = [name for name, figure in plan.totals.items() if figure.after < recorded.get(name, Decimal(0))]
    assert bool(plan.refused) is bool(fallen)
    written = {name: figure.after for name, figure in plan.totals.items()}
    assert not plan_totals(of(usage), written).changed
    assert not plan_totals(of(usage), recorded, may_decrease=True).refused


@given(usages, st.dictionaries(st.tuples(st.sampled_from([*NAMES, "gone"]), st.sampled_from(sorted(RULES))), cents))
def test_members_once_written_are_not_written_again_and_add_up(
    usage: Usage, recorded: Mapping[tuple[str, str], Decimal]
) -> None:
    wanted = of(usage)
    after = {**recorded, **{(it.username, it.component): it.after for it in plan_members(wanted, recorded)}}
    assert plan_members(wanted, after) == []
    for component in RULES:
        held = sum(amount for (_, name), amount in after.items() if name == component)
        assert held == sum(amount for (_, name), amount in wanted.members.items() if name == component)


@pytest.mark.parametrize(
    ("minutes", "figure"), [("0", "0.00"), ("299", "0.00"), ("300", "0.01"), ("900", "0.02"), ("60000", "1.00")]
)
def test_amounts_are_rounded_once_and_halves_go_up(minutes: str, figure: str) -> None:
    wanted = of(Usage({"jane": {"cpu": Decimal(minutes)}}))
    assert str(wanted.totals["cpu"]) == str(wanted.members["jane", "cpu"]) == figure


def test_a_total_of_seconds_that_make_no_whole_minutes_is_rounded_as_their_sum() -> None:
    seconds = {"jane": 17, "joe": 17, "ann": 20}  # 54 s of a GPU are 0.015 h
    usage = Usage({name: {"gpu": Decimal(number) / 60} for name, number in seconds.items()})
    assert usage.total["gpu"] < Decimal("0.9")
    assert of(usage).totals["gpu"] == Decimal("0.02")


def test_the_total_is_added_up_before_it_is_rounded() -> None:
    wanted = of(Usage({name: {"cpu": Decimal(299)} for name in NAMES}, {"cpu": Decimal(4)}))
    assert str(wanted.totals["cpu"]) == "0.02"
    assert {str(amount) for amount in wanted.members.values()} == {"0.00"}


def test_an_account_without_usage_has_zeros_and_a_members_untold_component_none() -> None:
    assert of(Usage()).totals == {"cpu": 0, "mem": 0, "gpu": 0}
    assert set(of(Usage({"jane": {"cpu": Decimal(1)}})).members) == {("jane", "cpu")}


@pytest.mark.parametrize("amount", ["-1", "NaN", "Infinity"])
def test_what_is_no_usage_is_never_reported(amount: str) -> None:
    with pytest.raises(ValueError, match="no usage of cpu"):
        of(Usage({"jane": {"cpu": Decimal(amount)}}))


def test_several_records_of_one_component_are_refused() -> None:
    assert "several records of cpu" in plan_totals(of(Usage()), {}, twins={"cpu"}).refused
