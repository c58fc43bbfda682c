"""A sandbox as a test looks at it: by SQL of its own, not through the plugin."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from waldur_agent_sandbox.storage import create_cluster


class SandboxCluster:
    """One SQLite file that is a cluster."""

    def __init__(self, path: Path) -> None:
        self.path = path
        create_cluster(path)

    def _rows(self, query: str) -> list[tuple[str, ...]]:
        with closing(sqlite3.connect(self.path)) as database:
            return [tuple(row) for row in database.execute(query)]

    def accounts(self) -> dict[str, str | None]:
        """Account to parent."""
        return dict(self._rows("select name, parent from accounts"))  # type: ignore[arg-type] # two columns

    def members(self) -> set[tuple[str, ...]]:
        """Account and local user name."""
        return set(self._rows("select account, username from members"))

    def limits(self) -> set[tuple[str, ...]]:
        """Account, component and amount in backend units."""
        return set(self._rows("select account, component, amount from limits where username = ''"))

    def add_by_hand(self, account: str, parent: str | None = None) -> None:
        """An account that somebody else made."""
        with closing(sqlite3.connect(self.path)) as database, database:
            database.execute("insert into accounts (name, parent) values (?, ?)", (account, parent))

    def everything(self) -> list[list[tuple[str, ...]]]:
        """All that an agent could have changed, to be compared."""
        tables = ("accounts", "members", "limits", "jobs")
        return [sorted(self._rows(f"select * from {table}"), key=str) for table in tables]  # noqa: S608 - ours
