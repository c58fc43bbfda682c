"""``report`` from a real SLURM to an emulated Waldur: the figures there are those that follow from the jobs."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

import pytest
from services.agent_runs import AgentRuns
from services.slurm_commands import Fault, SlurmCommands
from services.slurm_fixtures import RealSlurm
from services.slurm_jobs import Job, JobTable, job_table
from waldur_agent.emulator.server import EmulatorServer

FACTORS = {"cpu": 60000, "gres/gpu": 60}
ACCOUNTS = ("a_new-0", "a_new-1")

Figures = dict[tuple[str, str, str], str]
"""Account, local user name (empty: the total) and component to Waldur's figure."""


@pytest.fixture
def jobs(slurm: RealSlurm) -> Iterator[JobTable]:
    with job_table(slurm) as table:
        yield table


def _some(count: int, seed: int) -> list[Job]:
    """Jobs of the last 40 days, so that some are of this month whatever the date."""
    chance, now = random.Random(seed), int(time.time())  # noqa: S311 - no secret
    return [
        Job(
            chance.choice(ACCOUNTS),
            chance.choice(["user0", "user1", ""]),
            start := now - chance.randrange(1000, 40 * 86400),
            min(now - 1, start + chance.randrange(1, 200_000)),
            cpus=chance.randrange(1, 5000),
            gpus=chance.randrange(5),
        )
        for _ in range(count)
    ]


def _due(jobs: Sequence[Job]) -> Figures:
    month = datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    start = int(month.timestamp())
    sums = {(account, "", component): 0 for account in ACCOUNTS for component in FACTORS}
    for job in jobs:
        for component in FACTORS:
            seconds = job.held(component) * job.seconds_within(start, start + 32 * 86400)
            sums[job.account, "", component] += seconds
            if job.user and seconds:
                key = (job.account, job.user, component)
                sums[key] = sums.get(key, 0) + seconds
    units = {key: Decimal(seconds) / (60 * FACTORS[key[2]]) for key, seconds in sums.items()}
    return {key: str(amount.quantize(Decimal("0.01"), ROUND_HALF_UP)) for key, amount in units.items()}


def _told(server: EmulatorServer) -> Figures:
    month = f"{datetime.now(UTC):%Y-%m}"
    found: Figures = {}
    with server.state.lock:
        for account in ACCOUNTS:
            for record in server.state.usages_of(server.state.resource(account.removeprefix("a_"))):
                if f"{record.billing_period}".startswith(month):
                    found[account, "", record.component.type] = str(record.usage)
                    for row in server.state.user_usages_of(record):
                        found[account, row.username, record.component.type] = str(row.usage)
    return found


def _taken(server: EmulatorServer) -> list[str]:
    """Writes that the server took: this one refuses past months, and is asked about them once by each process."""
    return [str(it) for it in server.requests.all() if it.method != "GET" and it.status in {200, 201}]


def test_from_jobs_to_figures_once_and_never_from_half_an_answer(
    make_server: Callable[..., EmulatorServer],
    slurm_agent: Callable[[EmulatorServer], AgentRuns],
    slurm: RealSlurm,
    slurm_commands: SlurmCommands,
    jobs: JobTable,
) -> None:
    server = make_server(creates=2, projects=1)
    agent = slurm_agent(server)
    assert agent.once().status == 0
    inserted = _some(400, seed=1)
    jobs.insert(inserted)
    slurm_commands.forget()
    ended = agent.report()
    assert ended.status == 0, ended.err
    assert _told(server) == _due(inserted)
    asked = [call.arguments[call.arguments.index("-S") + 1] for call in slurm_commands.calls("sacct")]
    assert len(asked) == len(set(asked)) <= 2, "one command for each month that is open"
    assert slurm_commands.writes == []

    server.requests.clear()
    ended = agent.report()
    assert (ended.status, _taken(server)) == (0, []), ended.err

    inserted += _some(100, seed=2)
    jobs.insert(inserted[400:])
    slurm_commands.inject(Fault(program="sacct", keep=100, once=False))
    ended = agent.report()
    slurm_commands.heal()
    assert (ended.status, _taken(server)) == (1, [])
    assert "sacct for" in ended.err
    assert "middle of a line" in ended.err

    slurm.sacctmgr("delete", "account", "where", "name=a_new-1")
    before = _told(server)
    ended = agent.report()
    assert ended.status == 1
    assert "a_new-1" in ended.err
    due = _due(inserted)
    assert _told(server) == {key: due[key] if key[0] == "a_new-0" else before[key] for key in before}
