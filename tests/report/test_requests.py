"""How many requests a cycle with nothing to do takes: the formula of ``docs/usage.md``, held to."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest
from services.reports import Reporter, reporting

NOW = datetime(2026, 12, 2, 9, 0, tzinfo=UTC)
COMPONENTS = 2


def filled(agent: Reporter, resources: int, members: int, months: int) -> None:
    for number in range(resources):
        agent.server.add_resource(f"a_{number}")
        for month in ("2026-12", "2026-11")[:months]:
            used = {f"user{member}": {"cpu": member + 1, "gpu": 1} for member in range(members)}
            agent.cluster.use(month, f"a_{number}", **used)
    agent.months = months


def steady(resources: int, months: int, page: int) -> int:
    """``docs/usage.md`` has the same in words."""
    return 1 + math.ceil(resources / page) + months * (math.ceil(resources * COMPONENTS / page) + 1)


@pytest.mark.parametrize(
    ("resources", "members", "months", "page"),
    [(3, 2, 1, 300), (3, 2, 2, 300), (60, 8, 2, 300), (60, 8, 1, 25), (160, 1, 2, 300)],
)
def test_a_steady_cycle_takes_as_many_requests_as_the_documentation_says(
    resources: int, members: int, months: int, page: int
) -> None:
    with reporting(NOW, page_cap=page) as agent:
        filled(agent, resources, members, months)
        assert agent.run().troubles == []
        for _ in range(2):
            assert agent.run().troubles == []
            assert agent.server.writes == []
            assert len(agent.server.asked) == steady(resources, months, page)
            agent.restart()
        if page == 300:
            assert steady(resources, months, page) <= 10 + resources * COMPONENTS / 100


def test_missing_users_are_noticed_in_an_offering_too_large_to_be_read_each_time() -> None:
    """So it looks after a kill between an account's first total and its users."""
    with reporting(NOW, page_cap=10) as agent:
        filled(agent, 5, 4, 1)
        assert agent.run().troubles == []
        whole = agent.server.users("2026-12")
        lost = next(record["uuid"] for record in agent.server.records.values())
        agent.server.rows = {key: row for key, row in agent.server.rows.items() if key[0] != lost}
        agent.restart()
        assert agent.run().troubles == []
        assert agent.server.users("2026-12") == whole
        assert agent.server.writes == ["set_user_usages"]


def test_a_total_is_written_after_its_users_so_that_a_kill_between_them_is_seen() -> None:
    with reporting(NOW, page_cap=10) as agent:
        filled(agent, 5, 4, 1)
        assert agent.run().troubles == []
        agent.cluster.use("2026-12", "a_0", **{f"user{n}": {"cpu": n + 2, "gpu": 1} for n in range(4)})
        agent.run()
        assert agent.server.writes == ["set_user_usages", "set_usage"]
