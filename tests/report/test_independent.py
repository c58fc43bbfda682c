"""Months computed a second time, from their definition and by other code: all zones, 36 months, to the last cent.

The agent's side: its calendar, the sandbox's adding up, its conversion. The other side: the C library says which date
it is at an instant, a search over that finds where months begin, and fractions do the rest.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from importlib.util import find_spec
from itertools import pairwise
from math import floor
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest
from waldur_agent.planning import Calendar, figures
from waldur_agent_hookspecs import ComponentRule, Period
from waldur_agent_sandbox.jobs import simulate, usage
from waldur_agent_sandbox.storage import Cluster, create_cluster

FIRST_YEAR, FIRST_MONTH, MONTHS = 2021, 9, 36
"""With the leap day of 2024, and past everywhere: the sandbox counts no seconds of the future."""

BOUNDS = """
import json, os, sys, time
year, month, count = map(int, sys.argv[1:4])
wanted = [(year + (month - 1 + n) // 12, (month - 1 + n) % 12 + 1) for n in range(count + 1)]
found = {}
for zone in json.load(sys.stdin):
    os.environ["TZ"] = ":" + zone
    time.tzset()
    found[zone] = []
    for year, month in wanted:
        low = int((year - 1970) * 31556952 + (month - 1) * 2629746) - 40 * 86400
        high = low + 80 * 86400
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if time.localtime(middle)[:2] < (year, month) else (low, middle)
        found[zone].append(high)
json.dump(found, sys.stdout)
"""
FACTORS = {"cpu": 60000, "gpu": 60}
Job = tuple[int, int, str, dict[str, int]]


def zone_files() -> Path:
    """Where the C library finds the same zones as Python."""
    if (system := Path("/usr/share/zoneinfo")).is_dir():
        return system
    spec = find_spec("tzdata")
    assert spec
    assert spec.origin
    return Path(spec.origin).parent / "zoneinfo"


@pytest.fixture(scope="module")
def bounds() -> dict[str, list[int]]:
    """Zone to the instants at which its months begin, one more than there are months."""
    folder = zone_files()
    zones = sorted(zone for zone in available_timezones() if (folder / zone).is_file())
    done = subprocess.run(
        [sys.executable, "-c", BOUNDS, str(FIRST_YEAR), str(FIRST_MONTH), str(MONTHS)],
        input=json.dumps(zones),
        env={**os.environ, "TZDIR": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, list[int]] = json.loads(done.stdout)
    return found


def jobs() -> list[Job]:
    """Start, end, user and what was held: every month has jobs that begin before it, end after it, and do both."""
    first = int(datetime(FIRST_YEAR, FIRST_MONTH, 1, tzinfo=UTC).timestamp()) - 90 * 86400
    return [
        *(
            (first + n * 1_234_567, first + n * 1_234_567 + 3_456_789, "jane", {"cpu": 7, "gpu": 1})
            for n in range(85)
        ),
        *((first + n * 2_629_746, first + n * 2_629_746 + 100_003, "joe", {"cpu": 128}) for n in range(42)),
        (first, first + 50 * 2_629_746, "", {"cpu": 1}),
    ]


def by_hand(begin: int, end: int, every: list[Job]) -> dict[tuple[str, str], str]:
    """User (empty: the total) and component to the figure."""
    sums: dict[tuple[str, str], int] = {}
    for start, stop, user, held in every:
        seconds = min(stop, end) - max(start, begin)
        for component, count in held.items() if seconds > 0 else ():
            for who in {user, ""}:
                sums[who, component] = sums.get((who, component), 0) + seconds * count
    return {(who, component): cents(total, FACTORS[component]) for (who, component), total in sums.items()}


def cents(seconds: int, factor: int) -> str:
    hundredths = floor(Fraction(seconds * 100, 60 * factor) + Fraction(1, 2))
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def test_all_zones_and_months_agree_to_the_cent(tmp_path: Path, bounds: dict[str, list[int]]) -> None:
    assert len(bounds) > 400, "too few zones on this machine to say anything"
    every = jobs()
    rules = {name: ComponentRule(Decimal(factor)) for name, factor in FACTORS.items()}
    create_cluster(tmp_path / "c.sqlite")
    with Cluster(tmp_path / "c.sqlite").writing() as db:
        db.execute("insert into accounts (name) values ('a')")
        for start, stop, user, held in every:
            span = Period(datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(stop, UTC))
            simulate(db, "a", user, span, {name: Decimal(count) for name, count in held.items()})
    now = datetime(2024, 8, 15, tzinfo=UTC)
    computed: dict[tuple[int, int], dict[tuple[str, str], str]] = {}  # many zones share their months
    reported: dict[tuple[datetime, datetime], dict[tuple[str, str], str]] = {}
    with Cluster(tmp_path / "c.sqlite").reading() as db:
        for zone, begins in bounds.items():
            months = Calendar(ZoneInfo(zone), MONTHS, clock=lambda: now).open_months()[::-1]
            for month, (begin, end) in zip(months, pairwise(begins), strict=True):
                key = (month.start.astimezone(UTC), month.end.astimezone(UTC))
                if key not in reported:
                    got = figures(usage(db, "a", month.period), list(FACTORS), rules)
                    totals = {("", name): f"{amount:.2f}" for name, amount in got.totals.items()}
                    reported[key] = {**totals, **{who: f"{amount:.2f}" for who, amount in got.members.items()}}
                if (begin, end) not in computed:
                    computed[begin, end] = by_hand(begin, end, every)
                assert reported[key] == computed[begin, end], f"{zone}, {month}"
    assert len(computed) > 1000, "zones differ"
