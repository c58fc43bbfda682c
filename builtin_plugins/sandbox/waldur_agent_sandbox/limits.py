"""Limits of accounts and of members within them, in backend units.

``username`` is empty for the account's own. They are kept and shown; the sandbox's jobs do not obey them.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from sqlite3 import Connection

from waldur_agent_hookspecs import Limits


def read(db: Connection, account: str, username: str = "") -> dict[str, Decimal]:
    """What is set now; a component without a limit is left out."""
    rows = db.execute(
        "SELECT component, amount FROM limits WHERE account = ? AND username = ? ORDER BY component",
        (account, username),
    )
    return {component: Decimal(amount) for component, amount in rows}


def write(db: Connection, account: str, wanted: Limits, *, username: str = "", freed: Iterable[str] = ()) -> bool:
    """Set the components in ``wanted``, free those in ``freed``, leave the others; False where all was so already."""
    present = read(db, account, username)
    target = present | dict(wanted)
    for component in freed:
        target.pop(component, None)
    if target == present:
        return False
    free_all(db, account, username)
    rows = [(account, username, component, str(amount)) for component, amount in target.items()]
    db.executemany("INSERT INTO limits VALUES (?, ?, ?, ?)", rows)
    return True


def free_all(db: Connection, account: str, username: str) -> None:
    """Leave no limit at all."""
    db.execute("DELETE FROM limits WHERE account = ? AND username = ?", (account, username))
