"""Reads accounts as the contract shows them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from waldur_agent_hookspecs import AccountState, NotReady

from .funds import own_fund
from .ownership import Claims, Ownership, Standing

if TYPE_CHECKING:
    from waldur_agent_hookspecs import AccountRef

    from .accounting import Accounting
    from .settings import MoabSettings


@dataclass(frozen=True, slots=True)
class Reading:
    """One listing, and whose the accounts in it are."""

    ownership: Ownership
    standings: Mapping[str, Standing]


def read(
    accounting: Accounting, refs: Sequence[AccountRef], settings: MoabSettings, leaving: Collection[str] = ()
) -> Reading:
    """List the accounts once, and make sure of those that are not there.

    Args:
        accounting: MAM.
        refs: The resources asked about.
        settings: How names are made.
        leaving: UUIDs of resources whose accounts may be gone, beside those that say so themselves.

    Raises:
        NotReady: MAM could not be read, or what it says is not believed.
    """
    listing = accounting.accounts()
    expected = [ref for ref in refs if ref.backend_id and not ref.leaving and ref.resource_uuid not in leaving]
    if expected and not listing.accounts:
        raise NotReady(
            f"MAM shows no accounts at all, although {len(expected)} resources in Waldur have one, such as "
            f"{expected[0].backend_id}; look at mam-list-accounts"
        )
    ownership = Ownership(listing, Claims.of(refs, settings))
    standings = ownership.standings(refs)
    for standing in standings.values():
        _make_sure(standing, accounting)
    return Reading(ownership, standings)


def _make_sure(standing: Standing, accounting: Accounting) -> None:
    """Ask once more, for it alone, about an account that is said to be gone."""
    if not standing.ref.backend_id or standing.account or standing.conflict:
        return
    if accounting.account_shown(standing.name):
        raise NotReady(
            f"MAM shows the account {standing.name} when asked for it alone, but not in its list, or with a "
            "description that cannot be read; look at mam-list-accounts"
        )


def account_states(accounting: Accounting, reading: Reading) -> dict[str, AccountState]:
    """Every resource's account with its members, by ``resource_uuid``.

    What was deposited is not read: only orders change it, and they look for themselves.

    Raises:
        NotReady: MAM could not be read.
    """
    whole = [it for it in reading.standings.values() if it.account and not _unfinished(it, accounting)]
    members = accounting.users_of(_names(whole), reading.ownership.listing)
    finished = {it.ref.resource_uuid for it in whole}
    return {
        uuid: _present(standing, members) if uuid in finished else _absent(standing, reading.ownership)
        for uuid, standing in reading.standings.items()
    }


def _names(standings: Iterable[Standing]) -> list[str]:
    return sorted({standing.name for standing in standings})


def _unfinished(standing: Standing, accounting: Accounting) -> bool:
    """Whether the agent was stopped between making the account and its fund: Waldur does not know of it then."""
    if standing.ref.backend_id or standing.account is None:
        return False
    return own_fund(accounting, standing.account) is None


def _present(standing: Standing, members: Mapping[str, Collection[str]]) -> AccountState:
    return AccountState(
        exists=True,
        backend_id=standing.name,
        members={user: {} for user in sorted(members[standing.name])},
        limits_reportable=False,
    )


def _absent(standing: Standing, ownership: Ownership) -> AccountState:
    project = None if standing.account or standing.conflict else ownership.leftover(standing)
    return AccountState(
        exists=False,
        backend_id=standing.name,
        limits_reportable=False,
        conflict=standing.conflict,
        residue=f"the account {project.name} of its project is left without any other" if project else "",
    )
