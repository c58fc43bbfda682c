"""Jobs of accounts that are to be deleted: finds them, cancels them, waits a little for their end."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from waldur_agent_hookspecs import NotReady

from . import parser
from .batches import batches
from .client import READ_SECONDS, CommandFailed, SlurmClient

WAIT_SECONDS: Final = 5.0
_STEP_SECONDS: Final = 0.3
_JOBS_PER_COMMAND: Final = 1000


@dataclass(frozen=True, slots=True)
class Jobs:
    """The jobs of one cluster, in the hands of its slurmctld.

    Attributes:
        cluster: Always named to the commands, as the host may belong to another one, with accounts of the same name.
        wait_seconds: How long to wait for cancelled jobs to end; those that take longer are asked again next cycle.
    """

    client: SlurmClient
    cluster: str
    wait_seconds: float = WAIT_SECONDS

    def of(self, accounts: Collection[str]) -> dict[str, list[str]]:
        """Account to the ids of its jobs that run, wait or end just now; accounts without any are left out.

        Raises:
            NotReady: slurmctld does not answer, or answers what cannot be read.
        """
        found: dict[str, list[str]] = {}
        for some in batches(accounts):
            # -r: one row for each task of an array, as "12_[3-9%2]" is not what scancel takes back.
            asked = ["-h", "-r", "-M", self.cluster, "-A", ",".join(some), "-o", "%i|%a"]
            answer = self.client.run("squeue", asked, seconds=READ_SECONDS)
            if answer.status != 0:
                raise CommandFailed(answer, "is slurmctld running?")
            try:
                for job, account in parser.rows(answer.output, 2):
                    if account in accounts:
                        found.setdefault(account, []).append(parser.job_id(job))
            except ValueError as error:
                raise NotReady(f"{answer.command} answered what cannot be used: {error}") from error
        return found

    def cancel(self, accounts: Collection[str]) -> dict[str, int]:
        """Cancel all jobs of accounts and wait for their end.

        Returns:
            Account to the number of its jobs that are still there; accounts without any are left out.

        Raises:
            NotReady: slurmctld does not answer, or refused to cancel jobs that are still there.
        """
        running = self.of(accounts)
        if not running:
            return {}
        failure = self._scancel(running)
        end = time.monotonic() + self.wait_seconds
        while (running := self.of(running)) and time.monotonic() < end:
            time.sleep(_STEP_SECONDS)
        if running and failure:
            raise failure
        return {account: len(jobs) for account, jobs in running.items()}

    def _scancel(self, jobs: Mapping[str, Collection[str]]) -> CommandFailed | None:
        failure = None
        for program, *arguments in self.scancel_commands(jobs):
            answer = self.client.run(program, arguments, seconds=READ_SECONDS)
            if answer.status != 0:
                failure = CommandFailed(answer)
        return failure

    def scancel_commands(self, jobs: Mapping[str, Collection[str]]) -> list[list[str]]:
        """The commands that cancel jobs, given by account."""
        ids = {job for some in jobs.values() for job in some}
        return [["scancel", "-M", self.cluster, *some] for some in batches(ids, _JOBS_PER_COMMAND)]
