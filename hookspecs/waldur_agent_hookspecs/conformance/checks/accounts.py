"""CT-ACC: the life of an account, and whose it is."""

from __future__ import annotations

from ..bench import Bench
from ..check import check, expect

_MAKE = ("create_account", "list_accounts")
_REMOVE = ("delete_account", "create_account", "list_accounts")


class AccountChecks:
    """Made once, found again, removed alone."""

    @check("CT-ACC-001", "The customer pays for an account that is not there.", hooks=_MAKE)
    def test_what_was_created_is_there(self, bench: Bench) -> None:
        ref = bench.account()
        state = bench.subject.state(ref)
        expect(
            state.exists and state.backend_id == ref.backend_id,
            "create_account",
            f"gave {ref.backend_id!r}, and list_accounts then shows {state}",
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
