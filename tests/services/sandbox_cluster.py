"""A sandbox as a test looks at it: by SQL of its own, not through the plugin."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import datetime
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
        self._do("insert into accounts (name, parent) values (?, ?)", account, parent)

    def statuses(self) -> dict[str, str]:
        """Account to status."""
        return dict(self._rows("select name, status from accounts"))  # type: ignore[arg-type] # two columns

    def _do(self, statement: str, *values: str | None) -> None:
        with closing(sqlite3.connect(self.path)) as database, database:
            database.execute("pragma foreign_keys = on")
            database.execute(statement, values)

    def add_member(self, account: str, user: str) -> None:
        """Somebody put in by hand."""
        self._do("insert into members (account, username) values (?, ?)", account, user)

    def remove_member(self, account: str, user: str) -> None:
        """Somebody taken out by hand."""
        self._do("delete from members where account = ? and username = ?", account, user)

    def set_limit(self, account: str, component: str, amount: str) -> None:
        """A limit changed by hand."""
        self._do("update limits set amount = ? where account = ? and component = ?", amount, account, component)

    def remove_account(self, account: str) -> None:
        """An account that somebody deleted."""
        self._do("delete from accounts where name = ?", account)

    def run_job(self, account: str, user: str, *, ended: datetime, minutes: int, **held: int) -> None:
        """A job that held so much of each component (``gpu`` stands for ``gres/gpu``)."""
        end = int(ended.timestamp())
        resources = json.dumps({name.replace("gpu", "gres/gpu"): str(count) for name, count in held.items()})
        columns = "account, username, started, ends, resources"
        with closing(sqlite3.connect(self.path)) as database, database:
            values = (account, user, end - minutes * 60, end, resources)
            database.execute(f"insert into jobs ({columns}) values (?, ?, ?, ?, ?)", values)  # noqa: S608 - ours

    def everything(self) -> list[list[tuple[str, ...]]]:
        """All that an agent could have changed, to be compared."""
        tables = ("accounts", "members", "limits", "jobs")
        return [sorted(self._rows(f"select * from {table}"), key=str) for table in tables]  # noqa: S608 - ours
