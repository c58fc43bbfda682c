"""Simulated jobs: each holds some resources for some time, and that is the usage.

The backend unit is the component's minute (one core held for an hour is 60), as it is for SLURM.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from sqlite3 import Connection

from waldur_agent_hookspecs import Amounts, Period, Usage

SECONDS_PER_UNIT = 60


def simulate(db: Connection, account: str, username: str, span: Period, resources: Mapping[str, Decimal]) -> int:
    """Run a job and give its id.

    Args:
        db: An open transaction.
        account: An account that exists; otherwise sqlite3.IntegrityError.
        username: Who runs it; empty for nobody in particular. Whether that is a member is not asked.
        span: From start to end, cut to whole seconds. A job that ends in the future is active until then.
        resources: Component to the amount held throughout, for example ``{"cpu": Decimal(4)}``.
    """
    held = json.dumps({component: str(amount) for component, amount in resources.items()})
    times = (int(span.start.timestamp()), int(span.end.timestamp()))
    cursor = db.execute(
        "INSERT INTO jobs (account, username, started, ends, resources) VALUES (?, ?, ?, ?, ?)",
        (account, username, *times, held),
    )
    return int(cursor.lastrowid or 0)


def usage(db: Connection, account: str, period: Period) -> Usage:
    """What jobs held within the period, each cut to it; an active job counts up to now."""
    first, last = period.start.timestamp(), min(period.end.timestamp(), _now())
    seconds: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    rows = db.execute(
        "SELECT username, started, ends, resources FROM jobs WHERE account = ? AND started < ? AND ends > ?",
        (account, last, first),
    )
    for username, started, ends, resources in rows:
        span = int(min(ends, last)) - int(max(started, first))
        for component, amount in json.loads(resources).items():
            seconds[username][component] += Decimal(amount) * span
    # Divided once, after adding up: the sum of quotients is not the quotient of the sum.
    amounts: dict[str, Amounts] = {
        username: {component: total / SECONDS_PER_UNIT for component, total in totals.items()}
        for username, totals in seconds.items()
    }
    return Usage(unattributed=amounts.pop("", {}), members=amounts)


def count_active(db: Connection, account: str, username: str | None = None) -> int:
    """How many jobs are running or waiting to start; those of everybody where no name is given."""
    row = db.execute(
        "SELECT count(*) FROM jobs WHERE account = ? AND username = ifnull(?, username) AND ends > ?",
        (account, username, _now()),
    ).fetchone()
    return int(row[0])


def stop(db: Connection, account: str, username: str) -> None:
    """End a person's active jobs now. What they used so far stays used."""
    now = _now()
    whose = (account, username)
    db.execute("DELETE FROM jobs WHERE account = ? AND username = ? AND started > ?", (*whose, now))
    db.execute("UPDATE jobs SET ends = ? WHERE account = ? AND username = ? AND ends > ?", (now, *whose, now))


def _now() -> int:
    return int(datetime.now(UTC).timestamp())
