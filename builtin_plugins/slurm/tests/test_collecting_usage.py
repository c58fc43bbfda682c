"""Usage from a real SLURM: jobs that ran, and jobs put into slurmdbd's table, against sums made from definitions."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from services.slurm_commands import Fault, SlurmCommands
from services.slurm_fixtures import RealSlurm
from services.slurm_jobs import Job, JobTable, job_table
from services.slurm_plans import PluginMaker, make_ref
from waldur_agent_hookspecs import AccountRef, NotReady, Period, Usage
from waldur_agent_slurm.backend import SlurmPlugin

COMPONENTS = ("cpu", "mem", "gres/gpu")
ACCOUNTS = ("a_one", "a_two", "a_three", "a_unused")
OTHERS = ("a_onemore", "a_below", "somebody_elses")
USERS = ("alice", "bob", "")

Sums = dict[tuple[str, str, str], Decimal]
"""Account, user (empty: nobody's) and component to minutes; without those that are 0."""


def _month(zone: str, year: int, month: int) -> Period:
    following = (year + month // 12, month % 12 + 1)
    return Period(*(datetime(*first, 1, tzinfo=ZoneInfo(zone)) for first in ((year, month), following)))


MONTHS = [
    _month("Europe/Tallinn", 2025, 3),  # clocks go on in it
    _month("America/Havana", 2020, 11),  # clocks go back within its first hour
    _month("America/Asuncion", 2017, 10),  # its first hour does not exist
    _month("Pacific/Apia", 2011, 12),  # 30 days, as the 30th was left out
    _month("Asia/Kathmandu", 2024, 2),  # a leap day, and 5:45 hours ahead
]


@pytest.fixture
def jobs(slurm: RealSlurm) -> Iterator[JobTable]:
    """A cluster with accounts of ours and of others, and no jobs yet."""
    names = [name for name in (*ACCOUNTS, *OTHERS) if name != "a_below"]
    slurm.load(
        "Parent - 'root'",
        *(f"Account - '{name}'" for name in names),
        "Parent - 'a_one'",
        "Account - 'a_below'",
        *(
            line
            for name in (*ACCOUNTS, *OTHERS)
            for line in (f"Parent - '{name}'", *(f"User - '{user}'" for user in USERS if user))
        ),
    )
    with job_table(slurm) as table:
        yield table


@pytest.fixture
def refs() -> list[AccountRef]:
    return [make_ref(name.removeprefix("a_"), backend_id=name.title()) for name in ACCOUNTS]


def _defined(jobs: Sequence[Job], period: Period, accounts: Sequence[str] = ACCOUNTS) -> Sums:
    start, end = int(period.start.timestamp()), int(period.end.timestamp())
    sums: dict[tuple[str, str, str], int] = {}
    for job in jobs:
        for component in COMPONENTS if job.account in accounts else ():
            key = (job.account, job.user, component)
            sums[key] = sums.get(key, 0) + job.held(component) * job.seconds_within(start, end)
    return {key: Decimal(seconds) / 60 for key, seconds in sums.items() if seconds}


def _collected(plugin: SlurmPlugin, refs: Sequence[AccountRef], period: Period) -> Sums:
    found = plugin.collect_usage(refs, period)
    return {
        (ref.backend_id.lower(), user, component): amount
        for ref in refs
        for user, amounts in (*found[ref.resource_uuid].members.items(), ("", found[ref.resource_uuid].unattributed))
        for component, amount in amounts.items()
        if amount
    }


def _around(period: Period, count: int, chance: random.Random) -> Iterator[Job]:
    """Jobs before, within, after and across a month, many of them right at its ends."""
    ends = [int(period.start.timestamp()), int(period.end.timestamp())]
    for _ in range(count):
        near = chance.choice([*ends, chance.randrange(*ends)])
        start = near + chance.choice([-40 * 86400, -3600, -1, 0, 1, chance.randrange(-90_000, 90_000)])
        yield Job(
            chance.choice([*ACCOUNTS[:3], *OTHERS]),
            chance.choice(USERS),
            start,
            start + chance.choice([1, 3600, 86400, 35 * 86400, 80 * 86400, chance.randrange(1, 200_000)]),
            cpus=chance.randrange(1, 2000),
            megabytes=chance.randrange(1, 2_000_000),
            gpus=chance.randrange(5),
        )


def test_months_of_jobs_come_out_as_defined_to_the_second(
    jobs: JobTable, plugin: SlurmPlugin, refs: list[AccountRef]
) -> None:
    chance = random.Random(20261125)  # noqa: S311 - no secret
    inserted = [job for month in MONTHS for job in _around(month, 1000, chance)]
    jobs.insert(inserted)
    for month in MONTHS:
        assert _collected(plugin, refs, month) == _defined(inserted, month), month


def test_sreport_agrees(jobs: JobTable, slurm: RealSlurm, plugin: SlurmPlugin, refs: list[AccountRef]) -> None:
    week = Period(datetime(2025, 2, 1, tzinfo=UTC), datetime(2025, 2, 8, tzinfo=UTC))
    start, end = int(week.start.timestamp()), int(week.end.timestamp())
    chance = random.Random(7)  # noqa: S311 - no secret
    inserted = []
    for _ in range(200):  # it knows whole hours, and no more than the cluster has
        begun = start + 3600 * chance.randrange(-30, 180)
        hours = chance.randrange(1, 48)
        account, user = chance.choice(ACCOUNTS[:3]), chance.choice(USERS[:2])
        inserted.append(Job(account, user, begun, begun + 3600 * hours, chance.randrange(1, 5), 1000, hours % 2))
    jobs.insert(inserted)
    jobs.roll_up(start - 86400, end + 3600)
    asked = ["-nP", "cluster", "AccountUtilizationByUser", "start=2025-02-01", "end=2025-02-08"]
    shown = slurm.cluster.tool("env", "TZ=UTC", "sreport", *asked, "-T", "cpu,mem,gres/gpu", "-t", "seconds")
    rows = [line.split("|") for line in shown.stdout.splitlines()]
    reported = {(row[1], row[2], row[4]): Decimal(row[5]) / 60 for row in rows if row[2] and row[5] != "0"}
    assert reported == _collected(plugin, refs, week) == _defined(inserted, week)


def _today() -> Period:
    now = datetime.now(UTC)
    return Period(now - timedelta(hours=12), now + timedelta(days=20))


def test_a_job_that_still_runs_counts_up_to_now(jobs: JobTable, plugin: SlurmPlugin, refs: list[AccountRef]) -> None:
    period = _today()
    running = Job("a_one", "alice", int(time.time()) - 3600, 0, cpus=60, gpus=0, megabytes=0)
    jobs.insert([running])
    least = running.seconds_within(0, 2**40)
    found = _collected(plugin, refs, period)["a_one", "alice", "cpu"]
    assert least <= found <= running.seconds_within(0, 2**40)


def test_an_account_without_jobs_used_nothing_and_one_that_is_gone_is_left_out(
    jobs: JobTable, slurm: RealSlurm, plugin: SlurmPlugin, refs: list[AccountRef]
) -> None:
    jobs.insert([Job(name, "alice", 1_740_900_000, 1_740_900_060) for name in ACCOUNTS[:3]])
    slurm.sacctmgr("delete", "account", "where", "name=a_two")
    never = make_ref("never", backend_id="a_never")
    found = plugin.collect_usage([*refs, never], MONTHS[0])
    assert set(found) == {refs[number].resource_uuid for number in (0, 2, 3)}
    assert found[refs[3].resource_uuid] == Usage()
    assert found[refs[0].resource_uuid].total["cpu"] == 1


def test_an_account_that_two_resources_claim_is_billed_to_neither(
    jobs: JobTable, plugin: SlurmPlugin, refs: list[AccountRef], caplog: pytest.LogCaptureFixture
) -> None:
    second, site = make_ref("second", backend_id="a_one"), make_ref("site", backend_id="root")
    with caplog.at_level(logging.WARNING):
        found = plugin.collect_usage([*refs, second, site], MONTHS[0])
    assert set(found) == {ref.resource_uuid for ref in refs[1:]}
    assert "the account root is the site's own" in caplog.text
    assert "the account name a_one is wanted for" in caplog.text


def test_two_commands_are_run_whatever_the_number_of_accounts_and_nothing_is_written(
    jobs: JobTable, slurm_commands: SlurmCommands, make_plugin: PluginMaker, refs: list[AccountRef]
) -> None:
    jobs.insert([Job(name, "alice", 1_740_900_000, 1_740_900_060, gpus=1) for name in ACCOUNTS])
    with slurm_commands.counted() as calls:
        make_plugin(read_only=True).collect_usage(refs, MONTHS[0])
    assert [call.program for call in calls] == ["sacctmgr", "sacct"]
    assert slurm_commands.writes == []


FAULTS = [
    Fault(program="sacct", status=1),
    Fault(program="sacct", errors="sacct: error: slurmdbd: Getting response to message type: DBD_GET_JOBS\n"),
    Fault(program="sacct", keep=10),
    Fault(program="sacctmgr", keep=10),
    Fault(program="sacctmgr", run=False, output=""),
]


def test_what_cannot_be_read_bills_nobody_and_later_all(
    jobs: JobTable, slurm_commands: SlurmCommands, plugin: SlurmPlugin, refs: list[AccountRef]
) -> None:
    inserted = [Job(name, "alice", 1_740_900_000, 1_740_900_060, gpus=1) for name in ACCOUNTS[:3]]
    jobs.insert(inserted)
    for fault in FAULTS:
        slurm_commands.inject(fault)
        with pytest.raises(NotReady):
            plugin.collect_usage(refs, MONTHS[0])
        assert slurm_commands.untouched_faults == 0, fault
    assert _collected(plugin, refs, MONTHS[0]) == _defined(inserted, MONTHS[0])


def test_real_jobs_of_several_people_of_arrays_with_steps_and_requeued_ones(
    jobs: JobTable, slurm: RealSlurm, plugin: SlurmPlugin, refs: list[AccountRef]
) -> None:
    slurm.sacctmgr("add", "user", "name=root,nobody", "account=a_one,a_two")
    again = slurm.submit("a_one", "-n", "4", "--mem=1536", "--requeue")
    slurm.submit("a_one", "-n", "1", "--gres=gpu:2", "--uid=nobody", "--array=0-1", "-D", "/", command="sleep 1")
    slurm.submit("a_two", "-n", "2", command="srun sleep 1; srun sleep 1")
    slurm.submit("a_two", "-n", "3", "--begin=now+1hour")
    ours = f"select count(*) from {slurm.name}_job_table where"  # noqa: S608 - our table
    begun = f"{ours} id_job = {again} and 0 < time_start and time_start < unix_timestamp()"
    _wait_until(lambda: slurm.sql(begun) == "1\n")
    assert slurm.cluster.tool("scontrol", "requeue", str(again)).returncode == 0
    # slurmdbd hears of a job's steps before it hears whose job it is.
    _wait_until(lambda: slurm.sql(f"{ours} time_end > 0 and account is not null") == "4\n")
    found = _collected(plugin, refs, _today())
    assert found == _in_the_table(slurm)
    assert found["a_one", "root", "mem"] >= Decimal(1536) / 60
    assert found["a_one", "nobody", "gres/gpu"] >= Decimal(2 * 2) / 60
    assert found["a_two", "root", "cpu"] >= Decimal(2 * 2) / 60


def _wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it does not come about"
        time.sleep(0.1)


def _in_the_table(slurm: RealSlurm) -> Sums:
    """All runs that have ended, straight from the database."""
    gpu = slurm.sql("select id from tres_table where type = 'gres'").strip()
    names = {"1": "cpu", "2": "mem", gpu: "gres/gpu"}
    sums: dict[tuple[str, str, str], int] = {}
    columns = "j.account, a.user, time_end - time_start, tres_alloc"
    tables = f"{slurm.name}_job_table j join {slurm.association_table} a on a.id_assoc = j.id_assoc"
    rows = slurm.sql(f"select {columns} from {tables} where time_end > 0")  # noqa: S608 - our tables
    for account, user, seconds, tres in map(str.split, rows.splitlines()):
        for number, count in (part.split("=") for part in tres.split(",")):
            if number in names:
                key = (account, user, names[number])
                sums[key] = sums.get(key, 0) + int(count) * int(seconds)
    return {key: Decimal(total) / 60 for key, total in sums.items()}
