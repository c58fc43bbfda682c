"""Asks MAM and tells it, in the forms that every release has; what only some have is found out by asking.

Nothing is remembered about a release but which questions it refused, so that they are not put in every cycle.
"""

from __future__ import annotations

import logging
import os
import shlex
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from waldur_agent_hookspecs import NotReady
from waldur_agent_hookspecs.commands import Answer, CommandFailed

from . import parser
from .client import WRITE_SECONDS, MamClient
from .listing import Listing

if TYPE_CHECKING:
    from decimal import Decimal

    from .deposits import Deposit
    from .tags import Mark

logger = logging.getLogger(__name__)

ACCOUNT_COLUMNS: Final = "Name,Description,Organization"
NOT_ROOT: Final = "MAM's commands need root, and the agent does not run as root"
_RAW: Final = ("--raw", "--quiet")


@dataclass(frozen=True, slots=True)
class Fund:
    """A pot of credits. ``accounts`` may draw from it (lower case); None where this release does not tell."""

    id: int
    accounts: frozenset[str] | None = None


@dataclass(slots=True)
class Release:
    """What the MAM at hand was found not to have; one per plugin instance."""

    refused: set[str] = field(default_factory=set)
    answered: set[str] = field(default_factory=set)
    ends_lines: bool = False


@dataclass(slots=True)
class Accounting:
    """One MAM.

    Attributes:
        recorded: Where commands that change something are written down instead of being run; None runs them.
        hold: File descriptors that commands keep open.
    """

    client: MamClient
    release: Release
    recorded: list[str] | None = None
    hold: tuple[int, ...] = ()

    # ------------------------------------------------------------ accounts and users

    def accounts(self) -> Listing:
        """All accounts, with their users where this release can list them along.

        Raises:
            NotReady: they could not be read.
        """
        question = ["mam-list-accounts", *_RAW, "--show", f"{ACCOUNT_COLUMNS},Users"]
        answer = self._try("users of all accounts", question)
        if answer is not None:
            listing = Listing.read(answer, with_users=True)
            if listing.accounts and not listing.damaged:
                return listing
        return Listing.read(self._ask("mam-list-accounts", *_RAW, "--show", ACCOUNT_COLUMNS))

    def account_shown(self, name: str) -> bool:
        """Whether MAM shows an account when asked for it alone.

        Raises:
            NotReady: it could not be read.
        """
        answer = self._ask("mam-list-accounts", *_RAW, "--show", ACCOUNT_COLUMNS, "-a", name)
        return any(row[0].lower() == name.lower() for row in parser.rows(answer, 2))

    def users(self, account: str) -> frozenset[str]:
        """The users of an account, also those without a default account.

        Raises:
            NotReady: they could not be read.
        """
        question = ["-a", account, "--raw", "--show", "Name,DefaultAccount", "--quiet"]
        return frozenset(row[0] for row in parser.rows(self._ask("mam-list-users", *question), 2) if row[0])

    def users_of(self, wanted: Collection[str], listing: Listing) -> dict[str, frozenset[str]]:
        """The users of these accounts: as listed with all accounts, where one of them bears that out.

        Raises:
            NotReady: they could not be read.
        """
        listed = {name: users for name in wanted if (users := listing.accounts[name].users) is not None}
        sample = next((name for name in sorted(listed) if listed[name]), None)
        if sample is not None and len(listed) == len(wanted) and self.users(sample) == listed[sample]:
            return listed
        return {name: self.users(name) for name in wanted}

    # ------------------------------------------------------------ funds

    def funds(self, account: str) -> list[Fund]:
        """The funds that MAM shows for an account, also those that are open to any, by id.

        Raises:
            NotReady: they could not be read.
        """
        question = ["mam-list-funds", *_RAW, "-a", account, "--show"]
        answer = self._try("constraints of funds", [*question, "Id,Constraints"])
        if answer is not None and (found := parser.rows(answer, 2)):
            return sorted(
                (Fund(parser.fund_id(row[0], answer), parser.constrained_to(row[1])) for row in found),
                key=lambda fund: fund.id,
            )
        answer = self._ask(*question, "Id")
        lines = list(filter(None, map(str.strip, answer.output.splitlines())))
        # One column has no separator that would tell a row from the words for "there is none".
        if lines and not any(map(str.isdigit, lines)):
            rows = self._try("balances of funds", [*question, "Constraints,Balance"])
            if rows is not None and not parser.rows(rows, 2):
                return []
        return [Fund(number) for number in sorted(parser.fund_id(line, answer) for line in lines)]

    # ------------------------------------------------------------ deposits

    def transactions(self, fund: int) -> list[Deposit] | None:
        """What was deposited into a fund, one by one; None where this release does not tell.

        Raises:
            NotReady: MAM could not be asked.
        """
        columns = "Object,Action,Fund,Amount,Time,Description"
        answer = self._try("transactions", ["mam-list-transactions", *_RAW, "-f", str(fund), "--show", columns])
        return None if answer is None else parser.deposited(answer, fund)

    def allocations(self, fund: int) -> list[Deposit] | None:
        """What the allocations of a fund came to; None where this release does not tell.

        Raises:
            NotReady: MAM could not be asked.
        """
        columns = "Id,Fund,Amount,Deposited,Description"
        answer = self._try("allocations", ["mam-list-allocations", *_RAW, "-f", str(fund), "--show", columns])
        return None if answer is None else parser.allocated(answer)

    def allocated(self, fund: int) -> Decimal | None:
        """The sum of everything deposited into a fund; None where this release does not tell.

        Raises:
            NotReady: MAM could not be asked.
        """
        answer = self._try("sum of a fund", ["mam-list-funds", *_RAW, "-f", str(fund), "--show", "Id,Allocated"])
        found = [] if answer is None else parser.rows(answer, 2)
        return parser.amount(found[0][1], answer) if answer is not None and len(found) == 1 else None

    # ------------------------------------------------------------ usage

    def charges(self, account: str, start: str, end: str, zone: str) -> Answer:
        """The usage records of an account between two dates, read in a zone.

        Raises:
            NotReady: they could not be read.
        """
        question = ["--show", "Account,User,Charge", "-a", account, "-s", start, "-e", end]
        return self._ask("mam-list-usagerecords", *_RAW, *question, zone=zone)

    def all_charges(self, start: str, end: str, zone: str) -> Answer | None:
        """The same of all accounts; None where this release refuses the question.

        Raises:
            NotReady: MAM could not be asked.
        """
        question = ["mam-list-usagerecords", *_RAW, "--show", "Account,User,Charge", "-s", start, "-e", end]
        return self._try("usage records of all accounts", question, zone=zone)

    # ------------------------------------------------------------ changes

    def create_account(self, name: str, description: str, organization: str) -> None:
        """Make an account."""
        self._do("mam-create-account", "-a", name, "-d", description, "-o", organization)

    def create_fund(self, account: str) -> None:
        """Make a fund from which this account alone may draw."""
        self._do("mam-create-fund", "-a", account)

    def deposit(self, account: str, fund: int | str, amount: str, mark: Mark | None) -> None:
        """Put an amount into a fund, with what it is for."""
        text = [] if mark is None else ["-d", str(mark)]
        self._do("mam-deposit", "-a", account, "-z", amount, "-f", str(fund), *text)

    def delete_fund(self, fund: int) -> None:
        """Remove a fund and what is left in it."""
        self._do("mam-delete-fund", "-f", str(fund))

    def delete_account(self, name: str) -> None:
        """Remove an account."""
        self._do("mam-delete-account", "-a", name)

    def add_user(self, account: str, user: str) -> None:
        """Let a user in, as an active one."""
        self._do("mam-modify-account", "--add-user", f"+{user}", "-a", account)

    def remove_user(self, account: str, user: str) -> None:
        """Take a user out."""
        self._do("mam-modify-account", "--del-user", user, "-a", account)

    def would_make(self, account: str) -> bool:
        """Whether an account is among what was written down only: there is nothing of it to be read."""
        begin = f"mam-create-account -a {account} "
        return any(command.startswith(begin) for command in self.recorded or ())

    def _do(self, program: str, *arguments: str) -> None:
        if self.recorded is None:
            answer = self._run(program, arguments, seconds=WRITE_SECONDS)
            logger.info("Ran %s", answer.command)
        else:
            self.recorded.append(shlex.join([program, *arguments]))

    # ------------------------------------------------------------ running

    def _run(self, program: str, arguments: Sequence[str], *, seconds: float | None = None, zone: str = "") -> Answer:
        """Run a command and expect success; ``zone`` is the one in which it reads dates, empty for the host's."""
        environ = {"TZ": zone} if zone else {}
        answer = self.client.run(program, arguments, seconds=seconds, hold=self.hold, environ=environ)
        if answer.status:
            raise CommandFailed(answer, "" if os.geteuid() == 0 else NOT_ROOT)
        return answer

    # ------------------------------------------------------------ asking

    def _ask(self, program: str, *arguments: str, zone: str = "") -> Answer:
        answer = self._run(program, arguments, zone=zone)
        if answer.output.endswith("\n"):
            self.release.ends_lines = True
        elif answer.output and self._ends_lines():
            raise NotReady(f"the answer of {answer.command} was cut off: {answer.output[-80:]!r}")
        return answer

    def _ends_lines(self) -> bool:
        """Whether the last line of an answer has an end, so that one without was cut off."""
        if not self.release.ends_lines:
            probe = self._run("mam-list-accounts", ["--raw", "--show", "Name"])
            self.release.ends_lines = probe.output.endswith("\n")
        return self.release.ends_lines

    def _try(self, what: str, question: Sequence[str], *, zone: str = "") -> Answer | None:
        """Ask what not every release can answer. Refused is only what is refused while MAM is well otherwise."""
        if what in self.release.refused:
            return None
        try:
            answer = self._ask(*question, zone=zone)
        except CommandFailed:
            if what in self.release.answered:
                raise  # this MAM has it, so it is unwell
            self._ask("mam-list-accounts", *_RAW, "--show", ACCOUNT_COLUMNS)
            self.release.refused.add(what)
            return None
        self.release.answered.add(what)
        return answer
