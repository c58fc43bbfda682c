"""What the owner of a sandbox does behind the plugin's back, for the conformance kit."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from waldur_agent_hookspecs import AccountRef, Period
from waldur_agent_hookspecs.conformance import ConformanceSupport

from . import accounts, jobs
from .storage import Cluster, create_cluster


class Support(ConformanceSupport):
    """Found by the kit, also for a subclass of the plugin that is defined elsewhere."""

    @property
    def _database(self) -> Path:
        return Path(self.settings.database)

    def prepare(self) -> None:
        """Make the file."""
        create_cluster(self._database)

    @contextmanager
    def break_backend(self) -> Iterator[None]:
        """Move the file away for a while."""
        elsewhere = self._database.with_name(f"{self._database.name}.away")
        self._database.rename(elsewhere)
        try:
            yield
        finally:
            elsewhere.replace(self._database)

    @contextmanager
    def hang_backend(self) -> Iterator[None]:
        """Begin to write, and do not end."""
        with closing(sqlite3.connect(self._database, isolation_level=None)) as connection:
            connection.execute("BEGIN EXCLUSIVE")
            yield

    def plant_foreign_account(self, backend_id: str) -> None:
        """Make an account without a tag."""
        with Cluster(self._database).writing() as db:
            accounts.add_by_hand(db, backend_id)

    def remove_foreign_account(self, backend_id: str) -> None:
        """Remove it."""
        with Cluster(self._database).writing() as db:
            db.execute("DELETE FROM accounts WHERE name = ? AND tag IS NULL", (backend_id,))

    def remove_leftovers(self, refs: Sequence[AccountRef]) -> None:
        """Remove the customers' accounts, which stay after the last allocation."""
        with Cluster(self._database).writing() as db:
            for ref in refs:
                db.execute(
                    "DELETE FROM accounts WHERE tag = ? AND name NOT IN "
                    "(SELECT parent FROM accounts WHERE parent IS NOT NULL)",
                    (ref.customer.uuid,),
                )

    def add_usage(
        self, backend_id: str, username: str, amounts: Mapping[str, Decimal], start: datetime, end: datetime
    ) -> None:
        """Run a job that holds as much throughout as makes these amounts."""
        minutes = Decimal(int((end - start).total_seconds())) / jobs.SECONDS_PER_UNIT
        held = {component: amount / minutes for component, amount in amounts.items()}
        with Cluster(self._database).writing() as db:
            jobs.simulate(db, backend_id, username, Period(start, end), held)
