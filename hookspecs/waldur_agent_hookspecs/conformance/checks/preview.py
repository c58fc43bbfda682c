"""CT-PRE: what a plan would run, without running it."""

from __future__ import annotations

from dataclasses import replace

from waldur_agent_hookspecs import AccountRef, Change, LimitChange, Preview

from ..bench import Bench
from ..check import check, expect
from ..subject import Subject, make_change

_HOOKS = ("preview_changes",)
_FILLED = ("preview_changes", "create_account", "add_member", "set_limits", "list_accounts")
_NO_EFFECT = "A preview must not have any effect: the admin has not agreed yet."


def _preview(subject: Subject, *changes: Change) -> Preview:
    preview: Preview = subject.ask("preview_changes", changes=list(changes))
    return preview


def _plan(bench: Bench, ref: AccountRef) -> list[Change]:
    """Something of every kind, for an account with alice in it."""
    return [
        make_change("create_account", ref=bench.ref("new")),
        make_change("set_limits", ref=ref, change=LimitChange(bench.amounts(500))),
        make_change("add_member", ref=ref, member=bench.member("bob")),
        make_change("remove_member", ref=ref, member=bench.member("alice")),
        make_change("delete_account", ref=ref),
    ]


class PreviewChecks:
    """Shown, and not done."""

    @check("CT-PRE-001", "Looking at a plan carries it out.", hooks=_FILLED)
    def test_a_preview_has_no_effect(self, bench: Bench) -> None:
        ref = bench.account()
        bench.joined(ref, "alice")
        bench.limit(ref, bench.amounts(10))
        before = bench.subject.state(ref)
        _preview(bench.subject, *_plan(bench, ref))
        states = bench.subject.states(ref, bench.ref("new"))
        after, new = states[ref.resource_uuid], states[bench.ref("new").resource_uuid]
        expect(after == before, "preview_changes", f"made the account {after}, which was {before}", _NO_EFFECT)
        expect(not new.exists, "preview_changes", f"made an account: {new}", _NO_EFFECT)

    @check("CT-PRE-002", "An admin approves a plan without seeing what will be run.", hooks=_HOOKS)
    def test_something_is_shown_for_a_change(self, bench: Bench) -> None:
        shown = _preview(bench.subject, make_change("create_account", ref=bench.ref()))
        seen = "shows no command for a new account"
        expect(shown.commands, "preview_changes", seen, "Show every command, or leave the hook out.")

    @check("CT-PRE-003", "A plan with nothing in it shows commands.", hooks=_HOOKS)
    def test_nothing_is_shown_for_nothing(self, bench: Bench) -> None:
        shown = _preview(bench.subject)
        seen = f"shows {shown} for no changes"
        expect(not shown.commands and not shown.jobs_at_risk, "preview_changes", seen, "Show what would be run.")

    @check("CT-PRE-004", "`waldur-agent plan` shows no commands.", hooks=_FILLED)
    def test_a_preview_works_while_only_showing(self, bench: Bench) -> None:
        ref = bench.account()
        bench.joined(ref, "alice")
        plan = _plan(bench, ref)
        here, there = _preview(bench.subject, *plan), _preview(bench.instance(read_only=True), *plan)
        seen = f"shows {there} in a read_only context, and {here} in one that writes"
        expect(here == there, "preview_changes", seen, "A plan is always asked of a read_only instance.")

    @check("CT-PRE-005", "One order that cannot be carried out hides the whole plan.", hooks=_FILLED)
    def test_an_impossible_change_hides_nothing(self, bench: Bench) -> None:
        owner = bench.account()
        stranger = replace(owner, resource_uuid=bench.identifier("stranger"))
        nameless = bench.ref("nameless", slug="")
        changes = [make_change("create_account", ref=ref) for ref in (stranger, nameless, bench.ref("good"))]
        expect(
            _preview(bench.subject, *changes).commands,
            "preview_changes",
            "shows no command where one of three changes can be carried out",
            "Show what would be run for the others; why one cannot be done, doing it will say.",
        )

    @check("CT-PRE-006", "A plan that was shown is not what is done.", hooks=_FILLED)
    def test_a_preview_is_shown_again(self, bench: Bench) -> None:
        ref = bench.account()
        bench.joined(ref, "alice")
        plan = _plan(bench, ref)
        first, second = _preview(bench.subject, *plan), _preview(bench.subject, *plan)
        expect(first == second, "preview_changes", f"shows {first}, then {second}", _NO_EFFECT)
