"""CT-OBS: listeners of notices."""

from __future__ import annotations

from waldur_agent_hookspecs import AccountStatus, LimitChange, Member, Outcome, OutcomeStatus

from ..bench import Bench
from ..check import check, expect
from ..roles import CHANGES
from ..subject import make_change
from ..watch import watched

_MEMBERS = ("members_synced",)
_OUTCOME = ("hook_finished",)


class ObserverChecks:
    """Hear everything, hurt nobody."""

    @check("CT-OBS-001", "Every cycle logs a failure of the listener.", hooks=_MEMBERS)
    def test_members_are_heard(self, bench: Bench) -> None:
        members = [bench.member("alice"), bench.member("bob")]
        bench.subject.ask("members_synced", ref=bench.ref(), members=members)

    @check("CT-OBS-002", "A fact that is told twice makes the listener fail.", hooks=_MEMBERS)
    def test_members_are_heard_twice(self, bench: Bench) -> None:
        for subject in (bench.subject, bench.subject, bench.instance()):
            subject.ask("members_synced", ref=bench.ref(), members=[bench.member("alice")])

    @check("CT-OBS-003", "An account that everybody left makes the listener fail.", hooks=_MEMBERS)
    def test_nobody_is_heard(self, bench: Bench) -> None:
        bench.subject.ask("members_synced", ref=bench.ref(), members=[])

    @check("CT-OBS-004", "One odd member keeps the others from being served.", hooks=_MEMBERS)
    def test_odd_members_are_heard(self, bench: Bench) -> None:
        odd = [Member(name, full_name="O'Neill\n") for name in ("nobody-knows-me", "a.b@c", "-x", "ü", "", "x" * 300)]
        bench.subject.ask("members_synced", ref=bench.ref(), members=odd)

    @check("CT-OBS-005", "Showing a plan writes files or starts programs.", hooks=_MEMBERS)
    def test_nothing_is_done_while_only_showing(self, bench: Bench) -> None:
        subject = bench.instance(read_only=True)
        with watched() as seen:
            subject.ask("members_synced", ref=bench.ref(), members=[bench.member("alice")])
        told = f"did in a read_only context: {', '.join(seen)}"
        expect(not seen, "members_synced", told, "Do nothing where context.read_only is true.")

    @check("CT-OBS-010", "An outcome that the listener does not know makes it fail.", hooks=_OUTCOME)
    def test_every_outcome_is_heard(self, bench: Bench) -> None:
        given = {
            "ref": bench.ref(),
            "member": bench.member(),
            "status": AccountStatus.PAUSED,
            "change": LimitChange(bench.amounts(5)),
        }
        wanted = {
            "set_limits": ("change",),
            "set_status": ("status",),
            "add_member": ("member",),
            "remove_member": ("member",),
            "set_member_limits": ("member", "change"),
        }
        for kind in CHANGES:
            change = make_change(kind, **{name: given[name] for name in ("ref", *wanted.get(kind, ()))})
            for status in OutcomeStatus:
                bench.subject.ask("hook_finished", outcome=Outcome(change, status, "as it was", "an-id"))
