"""CT-OBS: listeners of notices."""

from __future__ import annotations

from ..bench import Bench
from ..check import check


class ObserverChecks:
    """Hear everything, hurt nobody."""

    @check("CT-OBS-001", "Every cycle logs a failure of the listener.", hooks=("members_synced",))
    def test_members_are_heard(self, bench: Bench) -> None:
        ref = bench.ref()
        bench.subject.ask("members_synced", ref=ref, members=[bench.member("alice"), bench.member("bob")])
