"""Whose account is it? Finding, making and removing accounts, inside a transaction of the caller's.

An account belongs to the Waldur object whose UUID is its tag, whatever either of them is called now. One without a
tag was made by hand: it is a resource's own only if Waldur carries its name as that resource's backend id. Otherwise
it is in the way: never adopted, never deleted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from sqlite3 import Connection

from waldur_agent_hookspecs import AccountRef, AccountStatus, BackendError, NotReady, Party

from . import names
from .settings import SandboxSettings


@dataclass(frozen=True, slots=True)
class Account:
    """One row of ``accounts``. ``parent`` is None at the top, ``tag`` is None where it was made by hand."""

    name: str
    parent: str | None
    tag: str | None
    status: AccountStatus


def find_own(db: Connection, ref: AccountRef) -> Account | None:
    """The account of this very resource, and no other."""
    if account := _find_tagged(db, ref.resource_uuid):
        return account
    carried = _find_named(db, ref.backend_id) if ref.backend_id else None
    return carried if carried and carried.tag is None else None


def require_own(db: Connection, ref: AccountRef) -> Account:
    """As :func:`find_own`, for hooks that are asked only about an account that exists.

    Raises:
        NotReady: it is gone since it was listed; the next cycle reads again and knows what to do about it.
    """
    if account := find_own(db, ref):
        return account
    raise NotReady(f"the sandbox has no account of resource {ref.resource_uuid} ({ref.backend_id or ref.slug})")


def free_name(db: Connection, candidates: Sequence[str]) -> str:
    """The first name that nothing has.

    Raises:
        BackendError: all are taken; the text says by what.
    """
    obstacles = []
    for name in candidates:
        account = _find_named(db, name)
        if account is None:
            return name
        obstacles.append(_obstacle(account))
    raise BackendError(f"{'; '.join(obstacles)}; rename or remove what is in the way")


def create(db: Connection, settings: SandboxSettings, ref: AccountRef) -> str:
    """Make customer, project and allocation as far as they are not there, and give the allocation's name.

    Raises:
        NotReady, BackendError: as :func:`names.allocation_names`, :func:`free_name`.
    """
    if account := find_own(db, ref):
        return account.name
    candidates = names.allocation_names(settings, ref)
    customer = _ensure_parent(db, names.customer_name(settings, ref), ref.customer, None)
    project = _ensure_parent(db, names.project_name(settings, ref), ref.project, customer)
    name = free_name(db, candidates)
    _insert(db, name, project, ref.resource_uuid, ref.name)
    return name


def delete(db: Connection, ref: AccountRef) -> bool:
    """Remove the resource's account with all that is in it, and the project's account where that was the last.

    Returns:
        False where there was none.

    Raises:
        BackendError: what has the name is not this resource's, or there are accounts below it.
    """
    account = find_own(db, ref)
    if account is None:
        if ref.backend_id:
            free_name(db, [ref.backend_id])
        return False
    if below := [name for (name,) in db.execute("SELECT name FROM accounts WHERE parent = ?", (account.name,))]:
        raise BackendError(f"account {account.name!r} has accounts below it that somebody else made: {below}")
    db.execute("DELETE FROM accounts WHERE name = ?", (account.name,))
    # Only our own, and only without anything in it or below it. Customers stay.
    db.execute(
        "DELETE FROM accounts WHERE name = ? AND tag = ? AND name NOT IN (SELECT account FROM members)"
        " AND name NOT IN (SELECT parent FROM accounts WHERE parent IS NOT NULL)",
        (account.parent, ref.project.uuid),
    )
    return True


def set_status(db: Connection, account: Account, status: AccountStatus) -> bool:
    """Give the account this status; False where it has it."""
    db.execute("UPDATE accounts SET status = ? WHERE name = ?", (status, account.name))
    return account.status is not status


def add_by_hand(db: Connection, name: str, parent: str | None = None) -> None:
    """Make an account as an administrator would, without a tag."""
    _insert(db, name, parent, None, "made by hand")


def _ensure_parent(db: Connection, name: str, party: Party, parent: str | None) -> str:
    if account := _find_tagged(db, party.uuid):
        return account.name  # also after the slug was changed in Waldur
    account = _find_named(db, name)
    if account is None:
        _insert(db, name, parent, party.uuid or None, party.name)
    elif account.tag is not None:
        raise BackendError(f"{_obstacle(account)}, so it cannot serve {party.slug!r} ({party.uuid}) as well")
    return name  # a parent made by hand serves as it is: nothing is written to it, and it is never removed


def _obstacle(account: Account) -> str:
    owner = f"belongs to Waldur's object {account.tag}" if account.tag else "was made by hand"
    return f"account {account.name!r} {owner}"


def _insert(db: Connection, name: str, parent: str | None, tag: str | None, description: str) -> None:
    db.execute(
        "INSERT INTO accounts (name, parent, tag, description) VALUES (?, ?, ?, ?)", (name, parent, tag, description)
    )


def _find_tagged(db: Connection, tag: str) -> Account | None:
    return _account(db.execute("SELECT name, parent, tag, status FROM accounts WHERE tag = ?", (tag,)).fetchone())


def _find_named(db: Connection, name: str) -> Account | None:
    return _account(db.execute("SELECT name, parent, tag, status FROM accounts WHERE name = ?", (name,)).fetchone())


def _account(row: tuple[str, str | None, str | None, str] | None) -> Account | None:
    return Account(*row[:3], AccountStatus(row[3])) if row else None
