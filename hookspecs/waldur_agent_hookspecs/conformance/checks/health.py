"""CT-HLT: what works, what does not, and how to mend it."""

from __future__ import annotations

from waldur_agent_hookspecs import HealthStatus

from ..bench import Bench
from ..check import check, expect

_HOOKS = ("check_health",)


class HealthChecks:
    """`waldur-agent check` tells the truth."""

    @check("CT-HLT-001", "`waldur-agent check` finds faults where there are none.", hooks=_HOOKS)
    def test_a_good_backend_is_good(self, bench: Bench) -> None:
        findings = [one for answer in bench.subject.ask("check_health") for one in answer]
        bad = [f"{one.check}: {one.detail}" for one in findings if one.status is not HealthStatus.GOOD]
        expect(not bad, "check_health", f"finds bad {bad}", "A backend that the other checks can use is good.")

    @check(
        "CT-HLT-002",
        "Looking after the cluster changes it.",
        hooks=("check_health", "create_account", "list_accounts"),
    )
    def test_looking_after_the_backend_has_no_effect(self, bench: Bench) -> None:
        ref = bench.account()
        before = bench.subject.state(ref)
        bench.subject.ask("check_health")
        bench.instance(read_only=True).ask("check_health")
        after = bench.subject.state(ref)
        expect(after == before, "check_health", f"made the account {after}, which was {before}", "Only read.")

    @check("CT-HLT-003", "`waldur-agent check` says that something is good, and not what.", hooks=_HOOKS)
    def test_every_finding_has_its_own_name(self, bench: Bench) -> None:
        names = [one.check for answer in bench.subject.ask("check_health") for one in answer]
        doubled = sorted({name for name in names if names.count(name) > 1})
        expect(not doubled, "check_health", f"checks {doubled} twice", "Give each thing checked a name of its own.")
