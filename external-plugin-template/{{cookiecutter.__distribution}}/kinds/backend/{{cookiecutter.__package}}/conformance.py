"""What the conformance kit may do behind the plugin's back; it finds this module by its name.

TODO: do the same to a test installation of your system. What it cannot do, leave out: the kit skips those checks.
And once your system can keep the agent waiting, which a dictionary cannot: ``hang_backend``. What else there is:
``python -m pydoc waldur_agent_hookspecs.conformance.ConformanceSupport``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal

from waldur_agent_hookspecs.conformance import ConformanceSupport

from .client import Account, Job, system_at
from .settings import Settings


class Support(ConformanceSupport):
    """An administrator of the system in memory."""

    settings: Settings

    @contextmanager
    def break_backend(self) -> Iterator[None]:
        """Nothing can be read while this is open."""
        system = system_at(self.settings.address)
        system.is_up = False
        try:
            yield
        finally:
            system.is_up = True

    def plant_foreign_account(self, backend_id: str) -> None:
        """An account made by hand has no tag."""
        system_at(self.settings.address).accounts[backend_id] = Account(backend_id, "", "made by hand")

    def remove_foreign_account(self, backend_id: str) -> None:
        """Take it away again."""
        system_at(self.settings.address).accounts.pop(backend_id, None)

    def add_usage(
        self, backend_id: str, username: str, amounts: Mapping[str, Decimal], start: datetime, end: datetime
    ) -> None:
        """One job."""
        system_at(self.settings.address).jobs.append(Job(backend_id, username, amounts, start, end))
