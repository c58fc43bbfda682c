"""Who may use an account."""

from __future__ import annotations

from sqlite3 import Connection

from waldur_agent_hookspecs import Limits, NotReady

from . import jobs, limits


def list_members(db: Connection, account: str) -> dict[str, Limits]:
    """Local user names, each with that member's own limits in backend units."""
    rows = db.execute("SELECT username FROM members WHERE account = ? ORDER BY username", (account,))
    return {username: limits.read(db, account, username) for (username,) in rows.fetchall()}


def require(db: Connection, account: str, username: str) -> None:
    """Raise NotReady where the person is not in: the next cycle reads again."""
    if not db.execute("SELECT 1 FROM members WHERE account = ? AND username = ?", (account, username)).fetchone():
        raise NotReady(f"{username!r} is not a member of the sandbox's account {account!r}")


def add(db: Connection, account: str, username: str) -> bool:
    """Let a person in; False where the person is in."""
    return db.execute("INSERT OR IGNORE INTO members VALUES (?, ?)", (account, username)).rowcount > 0


def remove(db: Connection, account: str, username: str) -> bool:
    """Take a person out, with the person's limits and active jobs; False where the person is not in."""
    jobs.stop(db, account, username)
    limits.free_all(db, account, username)
    return db.execute("DELETE FROM members WHERE account = ? AND username = ?", (account, username)).rowcount > 0
