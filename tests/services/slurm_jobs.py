"""Jobs that never ran: rows put straight into slurmdbd's table, any number of them, at any time."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from services.slurm_fixtures import RealSlurm

NOBODY = 3_999_999
"""The uid of those who have no association; the machine does not know it either."""

_COLUMNS = (
    "account", "id_assoc", "id_user", "id_group", "id_job", "job_name", "`partition`", "state", "time_submit",
    "time_eligible", "time_start", "time_end", "tres_alloc", "tres_req", "cpus_req", "nodes_alloc", "id_resv",
    "id_wckey", "het_job_id", "het_job_offset", "state_reason_prev", "priority",
)  # fmt: skip
_FIRST_ID = 1_000_000
_COMPLETED, _RUNNING = 3, 1


@dataclass(frozen=True, slots=True)
class Job:
    """One run of a job. Times are seconds since 1970; without an end it runs still. Nobody's has an empty user."""

    account: str
    user: str
    start: int
    end: int
    cpus: int = 1
    megabytes: int = 1000
    gpus: int = 0

    def held(self, component: str) -> int:
        """How much of a TRES it held."""
        return {"cpu": self.cpus, "mem": self.megabytes, "gres/gpu": self.gpus}[component]

    def seconds_within(self, start: int, end: int) -> int:
        """How long it ran between two times."""
        return max(0, min(self.end or int(time.time()), end) - max(self.start, start))


@dataclass(frozen=True, slots=True)
class JobTable:
    """slurmdbd's table of one cluster's jobs. 100,000 go in within a few seconds."""

    slurm: RealSlurm

    @property
    def _name(self) -> str:
        return f"{self.slurm.name}_job_table"

    def insert(self, jobs: Iterable[Job]) -> None:
        """Put jobs in. Accounts and users should be known to slurmdbd: it shows the name by the association."""
        first = max(_FIRST_ID, int(self.slurm.sql(f"select ifnull(max(id_job), 0) + 1 from {self._name}")))  # noqa: S608 - our table
        associations, gpu = self._associations(), self._id_of_gpu()
        with tempfile.NamedTemporaryFile("w", suffix=".tsv") as file:
            for number, job in enumerate(jobs, start=first):
                known = associations.get((job.account, job.user), "0")
                print(*_row(job, number, known, gpu), sep="\t", file=file)
            file.flush()
            columns = ",".join(_COLUMNS)
            self.slurm.sql(f"load data local infile '{file.name}' into table {self._name} ({columns})")

    def clear(self) -> None:
        """Take all out, also those that slurmctld reported."""
        self.slurm.sql(f"delete from {self._name}")  # noqa: S608 - our table

    def roll_up(self, start: int, end: int) -> None:
        """Have slurmdbd compute what ``sreport`` shows, for a cluster that was there with a node all the time."""
        self.slurm.sql(f"update {self.slurm.name}_event_table set time_start = {start} where node_name = ''")  # noqa: S608 - our table
        span = [time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(when)) for when in (start, end)]
        self.slurm.sacctmgr("rollup", *span)

    def _associations(self) -> dict[tuple[str, str], str]:
        rows = self.slurm.sql(f"select acct, user, id_assoc from {self.slurm.association_table} where user != ''")  # noqa: S608 - our table
        return {(account, user): number for account, user, number in map(str.split, rows.splitlines())}

    def _id_of_gpu(self) -> str:
        return self.slurm.sql("select id from tres_table where type = 'gres' and name = 'gpu'").strip()


def _row(job: Job, number: int, association: str, gpu: str) -> Iterator[object]:
    tres = f"1={job.cpus},2={job.megabytes},4=1,5={job.cpus}" + (f",{gpu}={job.gpus}" if job.gpus else "")
    yield from (job.account, association, NOBODY, NOBODY, number, "synthetic", "debug")
    yield _COMPLETED if job.end else _RUNNING
    yield from (job.start, job.start, job.start, job.end, tres, tres, job.cpus)
    yield from (1, 0, 0, 0, 0, 0, 0)


@contextmanager
def job_table(slurm: RealSlurm) -> Iterator[JobTable]:
    """An empty table, emptied again afterwards: accounts with jobs that run for ever could not be deleted."""
    table = JobTable(slurm)
    table.clear()
    try:
        yield table
    finally:
        table.clear()
