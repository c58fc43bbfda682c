"""The SQLite file: its tables, and the transactions in which everything happens.

A hook is one transaction. That is all that crash safety and several processes take here: a killed agent leaves
nothing half done, and two of them wait for each other.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from waldur_agent_hookspecs import NotReady

SCHEMA_VERSION = 1
WAIT_SECONDS = 5.0
"""How long a transaction waits for another process to end its own, unless the settings say otherwise."""

_SCHEMA = f"""
BEGIN IMMEDIATE;
CREATE TABLE accounts (
    name TEXT PRIMARY KEY,
    parent TEXT REFERENCES accounts (name),
    tag TEXT UNIQUE,         -- UUID of the customer, project or resource it was made for; NULL: made by hand
    description TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'downscaled', 'paused'))
);
CREATE INDEX accounts_by_parent ON accounts (parent);
CREATE TABLE members (
    account TEXT NOT NULL REFERENCES accounts (name) ON DELETE CASCADE,
    username TEXT NOT NULL,
    PRIMARY KEY (account, username)
);
CREATE TABLE limits (
    account TEXT NOT NULL REFERENCES accounts (name) ON DELETE CASCADE,
    username TEXT NOT NULL,  -- empty: the account's own
    component TEXT NOT NULL,
    amount TEXT NOT NULL,    -- a decimal number; SQLite's own numbers are binary
    PRIMARY KEY (account, username, component)
);
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts (name) ON DELETE CASCADE,
    username TEXT NOT NULL,  -- empty: nobody in particular
    started INTEGER NOT NULL,
    ends INTEGER NOT NULL,   -- seconds since 1970, as is "started"; a job that ends in the future is active
    resources TEXT NOT NULL, -- a JSON object: component to amount held, as text
    CHECK (started <= ends)
);
CREATE INDEX jobs_by_account ON jobs (account, started);
PRAGMA user_version = {SCHEMA_VERSION};
COMMIT;
"""


def create_cluster(database: Path) -> None:
    """Make an empty cluster; one that is there already stays as it is.

    Raises:
        NotReady: the file cannot be written, or is something else.
    """
    with _connected(database, "rwc") as connection:
        if connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0:
            connection.executescript(_SCHEMA)
        _check(database, connection)


class Cluster:
    """The file as the hooks use it.

    Args:
        database: A file made by :func:`create_cluster`.
        read_only: Whether SQLite itself shall refuse every write.
        wait_seconds: How long to wait for another process to end its transaction.
    """

    def __init__(self, database: Path, *, read_only: bool = False, wait_seconds: float = WAIT_SECONDS) -> None:
        self.database = database
        self._wait = wait_seconds
        # Not "ro" for everybody who only reads: after a kill, the first to open the file has to roll it back.
        self._mode = "ro" if read_only else "rw"

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One consistent view. Raises NotReady where the file cannot be read: that is never an empty cluster."""
        with self._transaction("BEGIN") as connection:
            connection.execute("PRAGMA query_only = ON")
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One change, all of it or, when anything is raised, nothing. Raises NotReady as ``reading`` does."""
        # IMMEDIATE: what is read before the first write must still hold when it is written.
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        with _connected(self.database, self._mode, self._wait) as connection:
            _check(self.database, connection)
            connection.execute(begin)
            with connection:
                yield connection


@contextmanager
def _connected(database: Path, mode: str, wait_seconds: float = WAIT_SECONDS) -> Iterator[sqlite3.Connection]:
    address = f"{database.absolute().as_uri()}?mode={mode}"
    try:
        with closing(sqlite3.connect(address, uri=True, timeout=wait_seconds, isolation_level=None)) as connection:
            connection.execute("PRAGMA foreign_keys = ON")
            yield connection
    except sqlite3.IntegrityError:
        raise  # the file is well: somebody asked for something impossible
    except sqlite3.Error as error:
        raise NotReady(
            f"the sandbox {database} could not be used: {error}; is it there, and may this user open it? "
            f"A new one is made by: python -m waldur_agent_sandbox init {database}"
        ) from error


def _check(database: Path, connection: sqlite3.Connection) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version != SCHEMA_VERSION:
        raise NotReady(
            f"{database} is not a sandbox of version {SCHEMA_VERSION} (it says {version}); make one elsewhere "
            f"with: python -m waldur_agent_sandbox init FILE"
        )
