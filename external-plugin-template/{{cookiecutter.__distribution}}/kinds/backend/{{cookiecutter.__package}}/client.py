"""The site's own system: everything that this plugin asks of it, and nothing else.

TODO: this one is a dictionary in memory, so that the plugin works at once and can be tried. Keep the methods and what
they promise, and let each of them ask your system. Three promises matter most:

- what cannot be read raises ``NotReady``: an answer that may be incomplete is not an answer, and never "empty";
- the system itself decides whether a name is taken, at the moment of making it;
- doing what is done already is no error.

What the system refuses for good, for this very object, raises ``BackendError``: its text reaches the customer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from threading import Lock

from waldur_agent_hookspecs import AccountStatus, NotReady


@dataclass(frozen=True)
class Account:
    """One account as the system holds it. ``tag`` is the UUID of the Waldur resource, or empty: made by hand."""

    name: str
    tag: str
    description: str
    status: AccountStatus = AccountStatus.ACTIVE
    limits: Mapping[str, Decimal] = field(default_factory=dict)
    members: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Job:
    """What somebody used, evenly from ``start`` to ``end``."""

    account: str
    username: str
    amounts: Mapping[str, Decimal]
    start: datetime
    end: datetime


class System:
    """TODO: goes away with the dictionaries; your system keeps its own data."""

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.jobs: list[Job] = []
        self.lock = Lock()
        self.is_up = True


_SYSTEMS: dict[str, System] = {}


def system_at(address: str) -> System:
    """The system of this address; the tests reach it this way, too."""
    return _SYSTEMS.setdefault(address, System())


class Client:
    """Asks the system.

    Args:
        address: Which system. Nothing is asked yet.
        read_only: Whether everything that would change something is refused: the agent only shows what it would do.
    """

    def __init__(self, address: str, *, read_only: bool = False) -> None:
        self._address = address
        self._read_only = read_only

    def accounts(self) -> Mapping[str, Account]:
        """All accounts by name, in one request however many there are."""
        with self._reading() as system:
            return dict(system.accounts)

    def jobs(self, start: datetime, end: datetime) -> list[Job]:
        """All jobs that ran at some time from ``start`` to before ``end``, in one request."""
        with self._reading() as system:
            return [job for job in system.jobs if job.start < end and job.end > start]

    def create(self, account: Account) -> bool:
        """Make an account. False where the name is taken: then nothing was done."""
        with self._writing() as system:
            return system.accounts.setdefault(account.name, account) is account

    def delete(self, name: str) -> None:
        """Remove an account with all that is in it."""
        with self._writing() as system:
            system.accounts.pop(name, None)
            system.jobs = [job for job in system.jobs if job.account != name]

    def set_limits(self, name: str, wanted: Mapping[str, Decimal]) -> bool:
        """Set these components and leave the others. False where all was so already."""
        with self._writing() as system:
            old = _existing(system, name)
            return _put(system, replace(old, limits={**old.limits, **wanted}))

    def set_status(self, name: str, status: AccountStatus) -> bool:
        """Let the members work, work less, or not at all. False where it was so already."""
        with self._writing() as system:
            return _put(system, replace(_existing(system, name), status=status))

    def add_member(self, name: str, username: str) -> bool:
        """Let somebody in. False where that person is in."""
        # TODO: somebody whom your system does not know yet: raise NotReady(…, expected=True).
        with self._writing() as system:
            old = _existing(system, name)
            return _put(system, replace(old, members=old.members | {username}))

    def remove_member(self, name: str, username: str) -> bool:
        """Take somebody out, and end what that person runs there. False where that person is not in."""
        with self._writing() as system:
            old = _existing(system, name)
            return _put(system, replace(old, members=old.members - {username}))

    @contextmanager
    def _reading(self) -> Iterator[System]:
        system = system_at(self._address)
        if not system.is_up:
            # Say what was asked, of whom, what came back, and what to do next.
            raise NotReady(f"{self._address} does not answer; is it running?")
        with system.lock:
            yield system

    @contextmanager
    def _writing(self) -> Iterator[System]:
        if self._read_only:
            raise NotReady(f"{self._address} is not to be changed now: the agent only shows what it would do")
        with self._reading() as system:
            yield system


def _existing(system: System, name: str) -> Account:
    if name not in system.accounts:
        raise NotReady(f"there is no account {name!r} any more; the next cycle reads again")
    return system.accounts[name]


def _put(system: System, account: Account) -> bool:
    changed = system.accounts[account.name] != account
    system.accounts[account.name] = account
    return changed
