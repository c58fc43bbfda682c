"""What is done behind the plugin's back; found by the kit by its name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal

from waldur_agent_hookspecs.conformance import ConformanceSupport

from .memory import CLUSTERS, Account, Cluster


class Support(ConformanceSupport):
    """Everything that the kit can ask for."""

    @property
    def cluster(self) -> Cluster:
        return CLUSTERS[self.settings.cluster]

    @contextmanager
    def break_backend(self) -> Iterator[None]:
        self.cluster.down = True
        yield
        self.cluster.down = False

    @contextmanager
    def hang_backend(self) -> Iterator[None]:
        self.cluster.mute = True
        yield
        self.cluster.mute = False

    def plant_foreign_account(self, backend_id: str) -> None:
        self.cluster.accounts[backend_id] = Account()

    def add_usage(
        self, backend_id: str, username: str, amounts: Mapping[str, Decimal], start: datetime, end: datetime
    ) -> None:
        self.cluster.accounts[backend_id].used.append((username, dict(amounts), start, end))
