"""CT-ACC: the life of one account, and of those beside it."""

from __future__ import annotations

from dataclasses import replace

from waldur_agent_hookspecs import NO_LIMITS, NamePolicy, NotReady, PluginError

from ..bench import Bench
from ..check import check, expect

_MAKE = ("create_account", "list_accounts")
_REMOVE = ("delete_account", "create_account", "list_accounts")
_FILL = ("create_account", "delete_account", "set_limits", "add_member", "list_accounts")


class AccountChecks:
    """Made once, found again, removed alone."""

    # ------------------------------------------------------------ making

    @check("CT-ACC-001", "The customer pays for an account that is not there.", hooks=_MAKE)
    def test_what_was_created_is_there(self, bench: Bench) -> None:
        ref = bench.account()
        state = bench.subject.state(ref)
        expect(
            state.exists and state.backend_id == ref.backend_id,
            "create_account" if state.exists else bench.culprit_of_absence(ref),
            f"create_account gave {ref.backend_id!r}, and list_accounts then shows {state}",
            "create_account makes the account before it returns its id; list_accounts finds it under that id.",
        )

    @check("CT-ACC-002", "An order that is asked again after a crash fails, or makes a second account.", hooks=_MAKE)
    def test_created_again_it_is_the_same(self, bench: Bench) -> None:
        ref = bench.ref()
        first = bench.create(ref).backend_id
        second = bench.create(ref).backend_id
        expect(
            first == second,
            "create_account",
            f"gave {first!r}, and for the same resource again {second!r}",
            "Look first for an account that carries this resource_uuid, and give its id.",
        )

    @check("CT-ACC-003", "A create order whose id Waldur knows already ends as failed.", hooks=_MAKE)
    def test_created_again_with_its_id_it_is_the_same(self, bench: Bench) -> None:
        ref = bench.account()
        again = bench.create(ref).backend_id
        expect(
            again == ref.backend_id,
            "create_account",
            f"gave {ref.backend_id!r}, and {again!r} when asked with that backend_id",
            "An account that exists already and is this resource's own gives the same id again.",
        )

    @check("CT-ACC-004", "After a crash the agent does not find what it made, and the order fails.", hooks=_MAKE)
    def test_an_agent_that_starts_anew_finds_it(self, bench: Bench) -> None:
        ref = bench.ref()
        made = bench.create(ref).backend_id
        fresh = bench.instance()
        found = fresh.state(ref)
        expect(
            found.exists and found.backend_id == made,
            "list_accounts",
            f"asked by a new instance without backend_id, shows {found} after create_account gave {made!r}",
            "Keep nothing in the instance; let create_account put resource_uuid on the account, and look for that.",
        )
        again = fresh.ask("create_account", ref=ref)
        expect(
            again == made,
            "create_account",
            f"gave {made!r}, and {again!r} when a new instance was asked",
            "Keep nothing in the instance; look for the resource_uuid on the backend.",
        )

    @check("CT-ACC-005", "Two customers share one account, and each other's hours.", hooks=_MAKE)
    def test_resources_have_accounts_of_their_own(self, bench: Bench) -> None:
        ids = [bench.account(name).backend_id for name in ("one", "two", "three")]
        expect(
            len(set(ids)) == len(ids),
            "create_account",
            f"gave the ids {ids} for three resources of one project",
            "Each resource has an account of its own.",
        )

    @check("CT-ACC-006", "Resources of a project that are named after it get in each other's way.", hooks=_MAKE)
    def test_resources_named_after_their_project_are_told_apart(self, bench: Bench) -> None:
        refs = [bench.ref(name, name_policy=NamePolicy.PROJECT_SLUG) for name in ("one", "two")]
        ids = [bench.create(ref).backend_id for ref in refs]
        expect(
            len(set(ids)) == len(ids),
            "create_account",
            f"gave the ids {ids} for two resources whose names are made from their project's slug",
            "With NamePolicy.PROJECT_SLUG try further names (x, x-0, x-1, …).",
        )

    @check("CT-ACC-007", "Renamed in Waldur, a resource loses its account, or gets a second one.", hooks=_MAKE)
    def test_a_renamed_resource_keeps_its_account(self, bench: Bench) -> None:
        ref = bench.account()
        renamed = replace(ref, slug=f"{ref.slug}-renamed", name="Renamed")
        state = bench.subject.state(renamed)
        expect(
            state.exists and state.backend_id == ref.backend_id,
            "list_accounts",
            f"shows {state} for account {ref.backend_id!r} after its resource was renamed",
            "Find an account by backend_id and resource_uuid; slugs are for making a name, once.",
        )
        again = bench.create(renamed).backend_id
        expect(
            again == ref.backend_id,
            "create_account",
            f"gave {again!r} for a renamed resource whose account is {ref.backend_id!r}",
            "Find an account by backend_id and resource_uuid; slugs are for making a name, once.",
        )

    @check("CT-ACC-008", "All resources whose slug is not told share one account.", hooks=_MAKE)
    def test_no_account_is_named_after_nothing(self, bench: Bench) -> None:
        refs = [bench.ref(name, slug="") for name in ("one", "two")]
        ids = [bench.subject.attempt("create_account", ref=ref) for ref in refs]
        given = [one for one in ids if not isinstance(one, PluginError)]
        expect(
            len(set(given)) == len(given),
            "create_account",
            f"gave {given} for two resources without a slug",
            "Raise NotReady where the slug that the name is made from is empty.",
        )
        expect(
            all(isinstance(one, NotReady) for one in ids if isinstance(one, PluginError)),
            "create_account",
            "refused a resource without a slug for good, though Waldur may tell the slug in the next cycle",
            "Raise NotReady where the slug that the name is made from is empty.",
        )

    @check("CT-ACC-009", "Waldur and the cluster spell an account differently, and one finds nothing.", hooks=_MAKE)
    def test_an_id_is_given_as_the_backend_holds_it(self, bench: Bench) -> None:
        ref = bench.ref("Mixed-Case")
        made = bench.create(ref)
        shown = bench.subject.state(made).backend_id
        expect(
            made.backend_id == shown == made.backend_id.strip(),
            "create_account",
            f"gave {made.backend_id!r}, and list_accounts shows {shown!r}",
            "Give the id exactly as the backend holds it: folded as it folds, without blanks around.",
        )

    @check("CT-ACC-010", "A new account comes with somebody's members or limits.", hooks=_MAKE)
    def test_a_new_account_is_empty(self, bench: Bench) -> None:
        state = bench.subject.state(bench.account())
        expect(
            not state.members and not state.limits,
            "create_account",
            f"made an account with members {sorted(state.members)} and limits {dict(state.limits)}",
            "Members and limits come with hooks of their own.",
        )

    # ------------------------------------------------------------ removing

    @check("CT-ACC-020", "A terminated allocation still runs jobs.", hooks=_REMOVE)
    def test_what_was_deleted_is_gone(self, bench: Bench) -> None:
        bench.account("neighbour")
        ref = bench.account()
        done = bench.subject.ask("delete_account", ref=ref)
        state = bench.subject.state(ref)
        good = not state.exists and not state.residue
        expect(
            good,
            "delete_account" if good else bench.culprit("delete_account", done, ref=ref),
            f"delete_account answered {done}, and list_accounts then shows {state}",
            "Remove the account and what was made for it alone before you return.",
        )
        expect(done, "delete_account", "answered False although there was an account", "Answer True: it was removed.")

    @check("CT-ACC-021", "A terminate order that is asked again after a crash never ends.", hooks=_REMOVE)
    def test_deleted_again_nothing_happens(self, bench: Bench) -> None:
        ref = bench.account()
        bench.subject.ask("delete_account", ref=ref)
        again = bench.subject.ask("delete_account", ref=ref)
        expect(
            again is False,
            "delete_account",
            "answered True for an account that it had removed before",
            "Answer False where it was gone already.",
        )

    @check("CT-ACC-022", "Terminating a resource that never got an account never ends.", hooks=("delete_account",))
    def test_deleting_what_never_was_is_no_error(self, bench: Bench) -> None:
        done = bench.subject.ask("delete_account", ref=bench.ref())
        expect(
            done is False,
            "delete_account",
            "answered True for an account that was never made",
            "Answer False where there is nothing to remove.",
        )

    @check("CT-ACC-023", "A crash before Waldur learned the id leaves an account that nobody removes.", hooks=_REMOVE)
    def test_it_is_deleted_without_its_id(self, bench: Bench) -> None:
        ref = bench.ref()
        bench.create(ref)
        done = bench.subject.ask("delete_account", ref=ref)
        expect(
            done is True and not bench.subject.state(ref).exists,
            "delete_account",
            f"answered {done} when asked without backend_id, and list_accounts shows {bench.subject.state(ref)}",
            "Look for the account that carries this resource_uuid.",
        )

    @check("CT-ACC-024", "Ending one allocation ends its neighbours in the project.", hooks=_FILL)
    def test_deleting_one_leaves_its_neighbours_in_the_project(self, bench: Bench) -> None:
        self._leaves_the_other_alone(bench, {})

    @check("CT-ACC-025", "Ending one project ends the customer's other projects.", hooks=_FILL)
    def test_deleting_one_leaves_the_customers_other_projects(self, bench: Bench) -> None:
        self._leaves_the_other_alone(bench, {"project": "forest"})

    @check("CT-ACC-026", "Ending one customer's allocation ends another customer's.", hooks=_FILL)
    def test_deleting_one_leaves_other_customers(self, bench: Bench) -> None:
        self._leaves_the_other_alone(bench, {"project": "desert", "customer": "college"})

    @staticmethod
    def _leaves_the_other_alone(bench: Bench, where: dict[str, str]) -> None:
        ended, other = bench.account("one"), bench.account("two", **where)
        bench.joined(ended, "alice", "bob")
        bench.joined(other, "alice", "bob")
        bench.limit(other, bench.amounts(100))
        before = bench.subject.state(other)
        bench.subject.ask("delete_account", ref=ended)
        after = bench.subject.state(other)
        expect(
            after == before,
            "delete_account",
            f"of {ended.backend_id!r} made its neighbour {other.backend_id!r} {after}, which was {before}",
            "Remove only this resource's account, and what is above it only once that is empty.",
        )

    @check("CT-ACC-027", "A project that ended cannot be started again.", hooks=_REMOVE)
    def test_after_the_last_one_a_new_one_can_be_made(self, bench: Bench) -> None:
        ref = bench.account()
        bench.subject.ask("delete_account", ref=ref)
        again = bench.create(replace(ref, backend_id=""))
        state = bench.subject.state(again)
        expect(
            state.exists,
            "create_account",
            f"gave {again.backend_id!r} after a deletion, and list_accounts shows {state}",
            "Make the accounts above it again where they went with the last one.",
        )

    @check("CT-ACC-028", "Who had left comes back with the old limits when an account is made again.", hooks=_FILL)
    def test_a_second_life_begins_empty(self, bench: Bench) -> None:
        ref = bench.account()
        bench.joined(ref, "alice", "bob")
        bench.limit(ref, bench.amounts(100))
        bench.subject.ask("delete_account", ref=ref)
        state = bench.subject.state(bench.create(replace(ref, backend_id="")))
        expect(
            not state.members and (state.limits == NO_LIMITS or not state.limits_reportable),
            "delete_account",
            f"left behind members {sorted(state.members)} and limits {dict(state.limits)}, seen when made again",
            "Members and limits go with the account.",
        )
