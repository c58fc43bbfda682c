"""What the plugin needs, whether it works, and how to mend it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from waldur_agent_hookspecs import Health, HealthStatus, NotReady

from .funds import own_fund

if TYPE_CHECKING:
    from .accounting import Accounting

PROGRAMS: Final = (
    "mam-list-accounts",
    "mam-list-users",
    "mam-list-funds",
    "mam-list-usagerecords",
    "mam-create-account",
    "mam-create-fund",
    "mam-deposit",
    "mam-modify-account",
    "mam-delete-fund",
    "mam-delete-account",
)
_ROOT: Final = "run the agent as root on the head node, as MAM's commands read a key that only root may read"


def health(accounting: Accounting) -> Sequence[Health]:
    """Check everything that can be read; what fails does not keep the rest from being checked."""
    checks: tuple[tuple[str, Callable[[Accounting], Health]], ...] = (
        ("MAM commands", _commands),
        ("MAM", _accounts),
        ("deposits", _books),
    )
    return [_guarded(name, check, accounting) for name, check in checks]


def _guarded(name: str, check: Callable[[Accounting], Health], accounting: Accounting) -> Health:
    try:
        return check(accounting)
    except NotReady as error:
        return Health(name, HealthStatus.BAD, str(error), _ROOT if os.geteuid() else "see the text")


def _commands(accounting: Accounting) -> Health:
    found = [accounting.client.find(program) for program in PROGRAMS]
    return Health("MAM commands", HealthStatus.GOOD, f"{found[0]} and {len(found) - 1} others")


def _accounts(accounting: Accounting) -> Health:
    count = len(accounting.accounts().accounts)
    if not count:
        text = "mam-list-accounts shows no accounts: right for a new MAM only"
        return Health("MAM", HealthStatus.GOOD, text, "look whether MAM is the right one, and the rights are")
    return Health("MAM", HealthStatus.GOOD, f"{count} accounts")


def _books(accounting: Accounting) -> Health:
    """Whether deposits can be read back, tried on the first fund that is found."""
    for account in sorted(accounting.accounts().accounts.values(), key=lambda account: account.name)[:5]:
        if fund := own_fund(accounting, account):
            return _read_back(accounting, fund.id)
    return Health("deposits", HealthStatus.GOOD, "no fund yet on which to try whether deposits can be read back")


def _read_back(accounting: Accounting, fund: int) -> Health:
    if accounting.transactions(fund) is not None:
        return Health("deposits", HealthStatus.GOOD, "each one can be read back (mam-list-transactions)")
    if accounting.allocations(fund) is not None:
        text = "can be read back from mam-list-allocations only: after a crash some may need a person to look"
        return Health("deposits", HealthStatus.GOOD, text)
    if accounting.allocated(fund) is not None:
        text = "only their sum can be read back (Allocated): after a crash some may need a person to look"
        return Health("deposits", HealthStatus.GOOD, text)
    remedy = "make mam-list-transactions or mam-list-allocations answer; without them nothing is deposited"
    return Health("deposits", HealthStatus.BAD, "cannot be read back", remedy)
