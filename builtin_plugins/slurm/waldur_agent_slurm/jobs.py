"""Jobs of accounts or members that are to go: finds them, cancels them, waits a little for their end."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeVar

from waldur_agent_hookspecs import NotReady
from waldur_agent_hookspecs.commands import CommandFailed

from . import parser
from .batches import batches
from .client import SlurmClient

Pair = tuple[str, str]
"""Account and user."""
_Key = TypeVar("_Key", str, Pair)

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
        for job, account, _ in self._rows(accounts):
            found.setdefault(account, []).append(job)
        return found

    def of_members(self, pairs: Collection[Pair]) -> dict[Pair, list[str]]:
        """The same for members, given as account and user.

        Raises:
            NotReady: as for accounts.
        """
        found: dict[Pair, list[str]] = {}
        for job, account, user in self._rows({account for account, _ in pairs}):
            if (account, user) in pairs:
                found.setdefault((account, user), []).append(job)
        return found

    def _rows(self, accounts: Collection[str]) -> Iterator[tuple[str, str, str]]:
        for some in batches(accounts):
            # -r: one row for each task of an array, as "12_[3-9%2]" is not what scancel takes back.
            asked = ["-h", "-r", "-M", self.cluster, "-A", ",".join(some), "-o", "%i|%a|%u"]
            answer = self.client.run("squeue", asked)
            if answer.status != 0:
                raise CommandFailed(answer, "is slurmctld running?")
            try:
                for job, account, user in parser.rows(answer.output, 3):
                    if account in accounts:
                        yield parser.job_id(job), account, user
            except ValueError as error:
                raise NotReady(f"{answer.command} answered what cannot be used: {error}") from error

    def cancel(self, accounts: Collection[str]) -> dict[str, int]:
        """Cancel all jobs of accounts and wait for their end.

        Returns:
            Account to the number of its jobs that are still there; accounts without any are left out.

        Raises:
            NotReady: slurmctld does not answer, or refused to cancel jobs that are still there.
        """
        return self._cancel(self.of, accounts)

    def cancel_of_members(self, pairs: Collection[Pair]) -> dict[Pair, int]:
        """The same for members, given as account and user.

        Raises:
            NotReady: as for accounts.
        """
        return self._cancel(self.of_members, pairs)

    def _cancel(
        self, read: Callable[[Collection[_Key]], dict[_Key, list[str]]], keys: Collection[_Key]
    ) -> dict[_Key, int]:
        running = read(keys) if keys else {}
        if not running:
            return {}
        failure = self._scancel(running.values())
        end = time.monotonic() + self.wait_seconds
        while (running := read(running)) and time.monotonic() < end:
            time.sleep(_STEP_SECONDS)
        if running and failure:
            raise failure
        return {key: len(jobs) for key, jobs in running.items()}

    def _scancel(self, jobs: Iterable[Collection[str]]) -> CommandFailed | None:
        failure = None
        for program, *arguments in self.scancel_commands(jobs):
            answer = self.client.run(program, arguments)
            if answer.status != 0:
                failure = CommandFailed(answer)
        return failure

    def scancel_commands(self, jobs: Iterable[Collection[str]]) -> list[list[str]]:
        """The commands that cancel jobs."""
        ids = {job for some in jobs for job in some}
        return [["scancel", "-M", self.cluster, *some] for some in batches(ids, _JOBS_PER_COMMAND)]
