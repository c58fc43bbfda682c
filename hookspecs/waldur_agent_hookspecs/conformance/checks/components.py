"""CT-CMP: which components are served, and in which units."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from waldur_agent_hookspecs import LimitChange, PluginError

from ..bench import Bench
from ..check import check, expect

_HOOKS = ("describe_components",)


class ComponentChecks:
    """The unit is converted once, by the factor that is told here."""

    @check("CT-CMP-001", "Limits and usage are off by a factor.", hooks=_HOOKS)
    def test_the_factor_is_the_configured_one_or_the_backends_own(self, bench: Bench) -> None:
        doubled = {name: replace(one, unit_factor=one.unit_factor * 2) for name, one in bench.components.items()}
        first = bench.subject.ask("describe_components", configured=dict(bench.components))
        second = bench.instance(components=doubled).ask("describe_components", configured=dict(doubled))
        for name, rule in first.items():
            configured = bench.components[name].unit_factor
            follows = rule.factor == configured and second[name].factor == configured * 2
            fixed = rule.factor == second[name].factor
            expect(
                follows or fixed,
                "describe_components",
                f"gave {name} the factor {rule.factor} where {configured} is configured, and {second[name].factor} "
                f"where {configured * 2} is",
                "Give the configured unit_factor, or a constant where the backend has a unit of its own.",
            )

    @check("CT-CMP-002", "An offering without components fails.", hooks=_HOOKS)
    def test_nothing_configured_is_nothing_served(self, bench: Bench) -> None:
        rules = bench.subject.ask("describe_components", configured={})
        expect(not rules, "describe_components", f"serves {sorted(rules)}", "Describe configured components alone.")

    @check("CT-CMP-003", "Units change from one cycle to the next.", hooks=_HOOKS)
    def test_components_are_described_again(self, bench: Bench) -> None:
        first, second = (
            subject.ask("describe_components", configured=dict(bench.components))
            for subject in (bench.subject, bench.instance())
        )
        expect(first == second, "describe_components", f"told {first}, then {second}", "Tell the same each time.")

    @check("CT-CMP-004", "None of what is sold can be limited or billed.", hooks=_HOOKS)
    def test_something_is_served(self, bench: Bench) -> None:
        rules = bench.rules()
        seen = f"serves none of {sorted(bench.components)}"
        expect(rules, "describe_components", seen, "Serve what the backend can limit or tell the use of.")

    @check(
        "CT-CMP-005",
        "A component is limited on the cluster, and neither shown nor billed.",
        hooks=("describe_components", "set_limits", "create_account", "list_accounts"),
    )
    def test_what_is_left_out_is_not_limited(self, bench: Bench) -> None:
        ref, rules = bench.account(), bench.rules()
        for name in sorted(set(bench.components) - set(rules)):
            change = LimitChange({name: Decimal(60)})
            answer = bench.subject.attempt("set_limits", ref=ref, change=change)
            shown = bench.subject.state(ref).limits
            good = isinstance(answer, PluginError) or name not in shown
            seen = f"leaves out {name}, and set_limits sets it: list_accounts shows {dict(shown)}"
            expect(good, "describe_components", seen, "Serve in both, or in neither.")

    @check(
        "CT-CMP-006",
        "A component is sold, and neither limited nor shown.",
        hooks=("set_limits", "create_account", "list_accounts"),
    )
    def test_what_is_served_can_be_limited(self, bench: Bench) -> None:
        ref = bench.account()
        for name, amount in bench.amounts(60, components=len(bench.rules())).items():
            bench.limit(ref, {name: amount})
            shown = bench.limits_of(ref, {name: amount}).get(name)
            seen = f"set {name} to {amount}, and list_accounts shows {shown}; describe_components serves {name}"
            expect(shown == amount, "set_limits", seen, "Leave out of describe_components what cannot be limited.")

    @check(
        "CT-CMP-007",
        "A limit bounces between what Waldur says and what the cluster holds.",
        hooks=("set_limits", "create_account", "list_accounts"),
    )
    def test_a_limit_of_one_step_is_held(self, bench: Bench) -> None:
        ref = bench.account()
        for name, rule in bench.rules().items():
            bench.limit(ref, {name: rule.step})
            shown = bench.limits_of(ref, {name: rule.step}).get(name)
            seen = f"set {name} to its step {rule.step}, and list_accounts shows {shown}"
            expect(shown == rule.step, "set_limits", seen, "Tell in describe_components the step that can be held.")
