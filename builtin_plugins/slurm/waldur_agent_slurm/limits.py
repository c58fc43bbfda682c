"""Which limits SLURM can hold."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Final

from waldur_agent_hookspecs import Limits

logger = logging.getLogger(__name__)

MAX_LIMIT: Final = Decimal(10) ** 15
"""slurmdbd keeps 64 bits, but prints memory beyond 2**50 MB with a unit that it does not know itself."""

FREE: Final = Decimal(-1)
"""What takes a limit away. A limit that is left out of a command stays."""


def limit_problem(limits: Limits) -> str:
    """Say which amount cannot be a limit in SLURM; empty where all can."""
    for name, amount in sorted(limits.items()):
        if not amount.is_finite() or not 0 <= amount <= MAX_LIMIT or amount != amount.to_integral_value():
            return f"the limit {name}={amount} is no whole number from 0 to 10^15, as SLURM needs it"
    return ""


@dataclass(slots=True)
class KnownTres:
    """The TRES of a cluster, read when they are first needed.

    Attributes:
        read: Reads them from slurmdbd.
    """

    cluster: str
    read: Callable[[], frozenset[str]]
    _names: frozenset[str] | None = None

    def only_known(self, limits: Limits) -> dict[str, Decimal]:
        """Leave out limits on what the cluster does not have: one of them would make SLURM refuse the whole line.

        Raises:
            NotReady: the TRES could not be read.
        """
        if self._names is None:
            self._names = self.read()
        if unknown := tuple(sorted(set(limits) - self._names)):
            _warn_unknown(self.cluster, unknown)
        return {name: amount for name, amount in limits.items() if name in self._names}


@cache
def _warn_unknown(cluster: str, names: tuple[str, ...]) -> None:
    """Warn once per process, as the same limits may be asked for in every cycle."""
    logger.warning(
        "SLURM cluster %s has no TRES %s: limits on it are left out; add it to AccountingStorageTRES in slurm.conf",
        cluster,
        ", ".join(names),
    )
