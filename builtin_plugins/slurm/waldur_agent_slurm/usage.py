"""What accounts used: one ``sacct`` for all of them, cut to the period by SLURM and added up while it comes in."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from waldur_agent_hookspecs import NotReady

from . import parser
from .accounting import failed
from .batches import MAX_CHARACTERS
from .tally import COLUMNS, Tally

if TYPE_CHECKING:
    from waldur_agent_hookspecs import Period, Usage
    from waldur_agent_hookspecs.commands import Answer

    from .client import SlurmClient

logger = logging.getLogger(__name__)

SACCT_SECONDS: Final = 900.0
"""slurmdbd needs two minutes for a million jobs; whoever asks it gives up by itself after 15."""

_ALL_RUNS: Final = ("-a", "-X", "-D", "-T", "-nP", "--noconvert")
"""Of all users; allocations, not their steps; each run of a requeued job; cut to the period; bare numbers."""

_ZONES: Final = "/usr/share/zoneinfo"


@dataclass(frozen=True, slots=True)
class UsageReader:
    """The usage of one cluster's accounts.

    Attributes:
        cluster: Always named to the command; it must be known to exist, as of another one ``sacct`` shows nothing.
        components: Which TRES are wanted.
        known_tres: Reads which TRES slurmdbd knows at all; asked only where one of the wanted does not occur.
        seconds: How long the command may take.
    """

    client: SlurmClient
    cluster: str
    components: Collection[str]
    known_tres: Callable[[], frozenset[str]]
    seconds: float = SACCT_SECONDS

    def read(self, accounts: Collection[str], period: Period) -> Mapping[str, Usage]:
        """Read what accounts, given in lower case, used within a period: in TRES minutes, memory in MB minutes.

        Charged is what each run of a job was given, times how long it lasted; a running one lasts until now.

        Raises:
            NotReady: it failed, or the answer may not be whole or cannot be understood.
        """
        if not accounts:
            return {}
        tally = Tally(accounts, self.components)
        try:
            usage = self._tallied(tally, accounts, period)
        except parser.UnreadableError as error:
            raise NotReady(f"sacct for {_span(period)} answered what cannot be used: {error}") from error
        if tally.holding_nothing:
            logger.warning(
                "SLURM has jobs of %s with a duration and without AllocTRES; they count as nothing (%s).",
                ", ".join(sorted(tally.holding_nothing)),
                _span(period),
            )
        self._look_for_unknown(usage)
        return usage

    def _look_for_unknown(self, usage: Mapping[str, Usage]) -> None:
        used = {name for account in usage.values() for name in account.total}
        # Only to warn: that this cannot be read is no reason to bill nobody.
        with suppress(NotReady):
            if used and (unknown := set(self.components) - used) and (unknown := unknown - self.known_tres()):
                _warn_unknown(self.cluster, tuple(sorted(unknown)))

    def _tallied(self, tally: Tally, accounts: Collection[str], period: Period) -> Mapping[str, Usage]:
        zone = clock(period)
        where = ["-M", self.cluster, *_of_accounts(accounts)]
        when = ["-S", _shown(period.start, zone), "-E", _shown(period.end, zone)]
        asked = [*_ALL_RUNS, *where, *when, f"--format={','.join(COLUMNS)}"]
        # The zone of the command alone: the agent may serve offerings in several.
        answer = self.client.read("sacct", asked, tally.take, seconds=self.seconds, environ={"TZ": str(zone)})
        if answer.status != 0 or _complains(answer):
            raise failed(answer)
        return tally.usage()


def clock(period: Period) -> tzinfo:
    """The zone in which ``sacct`` reads times: the period's, or UTC where the command could misunderstand it.

    It could where the clocks are changed at that very time, as in Havana on 1 November 2026, so that 00:00 comes
    twice or not at all; and where the machine does not know the zone, which the C library takes for UTC.
    """
    zone = period.start.tzinfo
    known = isinstance(zone, ZoneInfo) and zone.key and Path(os.environ.get("TZDIR", _ZONES), zone.key).is_file()
    return zone if known and all(map(_is_plain, (period.start, period.end))) and zone is not None else UTC


@cache
def _warn_unknown(cluster: str, names: tuple[str, ...]) -> None:
    """Warn once per process, as it is seen in every cycle."""
    logger.warning(
        "SLURM cluster %s has no TRES %s: none of it is ever used; add it to AccountingStorageTRES in slurm.conf, "
        "or take the component out of backend_components",
        cluster,
        ", ".join(names),
    )


def _is_plain(time: datetime) -> bool:
    return time.replace(fold=0).utcoffset() == time.replace(fold=1).utcoffset()


def _shown(time: datetime, zone: tzinfo) -> str:
    return f"{time.astimezone(zone):%Y-%m-%dT%H:%M:%S}"


def _span(period: Period) -> str:
    return f"{period.start:%Y-%m-%d %H:%M %Z} to {period.end:%Y-%m-%d %H:%M %Z}"


def _of_accounts(names: Collection[str]) -> list[str]:
    """The condition for some accounts; none, and so all of them, where it would be longer than Linux allows."""
    asked = ",".join(sorted(names))
    return ["-A", asked] if len(asked) <= MAX_CHARACTERS else []


def _complains(answer: Answer) -> bool:
    """Whether a command that ended well said that something went wrong all the same."""
    said = answer.errors.lower()
    return "error" in said or "fatal" in said
