"""A MAM as a test looks at it: its commands on ``PATH``, its state by SQL, and what is to go wrong."""

from __future__ import annotations

import compileall
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from .program import SCHEMA

PROGRAMS: Final = (
    *(f"mam-list-{what}" for what in ("accounts", "users", "funds", "allocations", "transactions", "usagerecords")),
    *("mam-create-account", "mam-modify-account", "mam-delete-account"),
    *("mam-create-fund", "mam-delete-fund", "mam-deposit"),
)

VARIANTS: Final = {
    "daemon-down": "no command gets an answer",
    "not-root": "the caller may not read the site's key",
    "message-when-empty": "a listing says in words that there is nothing",
    "no-last-line-end": "the last line of a listing has no end",
    "names-fold": "account names that differ in case only are the same",
    "no-users-column": "accounts are listed without their users",
    "empty-users-column": "that column is there and empty",
    "adding-a-member-again-fails": "instead of doing nothing",
    "users-made-automatically": "a user that is not known is made",
    "no-constraints": "funds show their constraints together with a balance only, and so not beside an id",
    "funds-outlive-accounts": "a fund is found by an account that is gone",
    "one-allocation": "later deposits enlarge the first allocation, which keeps its text",
    "transactions-keep-no-text": "a deposit's description stays with the allocation only",
    "no-deposit-description": "mam-deposit has no -d",
    "no-transactions": "there is no mam-list-transactions",
    "no-allocations": "there is no mam-list-allocations",
    "no-allocated": "funds have no column Allocated",
    "usage-needs-an-account": "usage records are listed for one account only",
    "long-listings-are-cut": "those of all accounts end after a few rows",
    "no-T-in-dates": "dates and times are separated by a blank",
    "by-begin-of-job": "usage records are selected by the time at which the job began",
    "end-is-included": "the end of a window belongs to it",
}

_COMMAND: Final = """#!{python} -SE
import sys
sys.path.insert(0, {here!r})
import program
program.main({folder!r}, {name!r}, sys.argv[1:])
"""


@dataclass(frozen=True, slots=True)
class Call:
    """One command that was run."""

    program: str
    arguments: tuple[str, ...]

    @property
    def writes(self) -> bool:
        """Whether it is one that changes something."""
        return not self.program.startswith("mam-list-")

    def __str__(self) -> str:
        return " ".join([self.program, *self.arguments])


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What happens instead of a command, or in addition to it.

    Attributes:
        program: Which; empty for any.
        writes: Whether only commands are meant that change something.
        match: Part of the arguments, joined by blanks, of the commands that are meant.
        once: Whether only the first of them is meant.
        skip: How many of them pass before.
        run: Whether the command does anything.
        kill: ``before``, ``during`` or ``after`` it: kill the process that called it.
        sleep: Seconds to wait before anything.
        output: What is printed instead of the real output.
        errors: What is said on standard error instead.
        status: The exit status instead.
    """

    program: str = ""
    writes: bool = False
    match: str = ""
    once: bool = True
    skip: int = 0
    run: bool = True
    kill: str = ""
    sleep: float = 0
    output: str | None = None
    errors: str | None = None
    status: int | None = None


class Mam:
    """The MAM in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bin_path = folder / "bin"

    @classmethod
    def at(cls, folder: Path) -> Mam:
        """The one that is there, or a new, empty one."""
        mam = cls(folder)
        if not mam.bin_path.exists():
            mam._create()
        return mam

    def _create(self) -> None:
        folder = self.folder
        self.bin_path.mkdir(parents=True)
        (folder / "faults").mkdir()
        with closing(sqlite3.connect(folder / "mam.sqlite")) as database, database:
            database.executescript(SCHEMA)
        here = str(Path(__file__).parent)
        compileall.compile_dir(here, quiet=1)  # or every command does, where bytecode is not written by itself
        for name in PROGRAMS:
            command = self.bin_path / name
            command.write_text(_COMMAND.format(python=sys.executable, here=here, folder=str(folder), name=name))
            command.chmod(0o755)

    @property
    def path(self) -> str:
        """``PATH`` with the commands in front."""
        return f"{self.bin_path}{os.pathsep}{os.environ['PATH']}"

    def plays(self, *variants: str) -> None:
        """Be another release from now on."""
        assert set(variants) <= set(VARIANTS), variants
        (self.folder / "variants").write_text(" ".join(variants))

    # ------------------------------------------------------------ what was run, and what goes wrong

    @property
    def calls(self) -> list[Call]:
        """Everything that was run so far."""
        log = self.folder / "log"
        calls = log.read_text().split("\x1e")[:-1] if log.exists() else []
        return [Call(program, tuple(arguments)) for program, *arguments in (call.split("\x1f") for call in calls)]

    @contextmanager
    def counted(self) -> Iterator[list[Call]]:
        """Collect what is run within the block."""
        before = len(self.calls)
        found: list[Call] = []
        yield found
        found.extend(self.calls[before:])

    def inject(self, fault: Fault) -> None:
        """Let a command go wrong from now on. Of several faults for one command the oldest comes first."""
        faults = self.folder / "faults"
        (faults / f"{len(list(faults.iterdir())):04}.json").write_text(json.dumps(asdict(fault)))

    def heal(self) -> None:
        """Take all faults away."""
        for path in (self.folder / "faults").iterdir():
            path.unlink()

    # ------------------------------------------------------------ an administrator's hand

    def run(self, program: str, *arguments: str) -> str:
        """Run a command by hand and expect success."""
        done = subprocess.run([self.bin_path / program, *arguments], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Look at the state, or change it, without any command."""
        with closing(sqlite3.connect(self.folder / "mam.sqlite", timeout=60)) as database, database:
            return database.execute(statement, values).fetchall()

    def add_users(self, *names: str) -> None:
        """Make users known, as a site's directory does."""
        places = ", ".join("(?)" for _ in names)
        self.sql(f"insert into users (name) values {places}", *names)  # noqa: S608 - places only

    def add_account(
        self, name: str, description: str = "by hand", organization: str = "", *, fund: bool = True
    ) -> int:
        """An account that somebody made, with a fund of its own; gives the fund's id, or 0."""
        self.sql("insert into accounts values (?, ?, ?)", name, description, organization or name)
        if not fund:
            return 0
        ((number,),) = self.sql("insert into funds (account) values (?) returning id", name)
        return int(number)

    def add_open_fund(self, amount: str = "1000") -> int:
        """A fund from which every account may draw."""
        ((number,),) = self.sql("insert into funds (account) values (null) returning id")
        self.sql(
            "insert into allocations (fund, amount, deposited, description) values (?, ?, ?, 'for all')",
            number,
            amount,
            amount,
        )
        return int(number)

    def deposit(self, account: str, amount: str, *text: str) -> None:
        """Put something into an account's first fund, by hand."""
        fund = self.funds(account)[0]
        self.run("mam-deposit", "-a", account, "-z", amount, "-f", str(fund), *(["-d", *text] if text else []))

    def charge(self, account: str, user: str, charge: str, when: datetime, began: datetime | None = None) -> None:
        """A job ended and was charged; it began at the same moment where nothing else is said."""
        values = (account, user, charge, int(when.timestamp()), int((began or when).timestamp()))
        self.sql("insert into usagerecords (account, user, charge, time, began) values (?, ?, ?, ?, ?)", *values)

    # ------------------------------------------------------------ what is there

    def accounts(self) -> dict[str, str]:
        """Account to organization."""
        return dict(self.sql("select name, organization from accounts"))

    def description(self, account: str) -> str:
        """The description of an account."""
        return str(self.sql("select description from accounts where name = ?", account)[0][0])

    def members(self, account: str) -> set[str]:
        """The users of an account."""
        return {row[0] for row in self.sql("select user from members where account = ?", account)}

    def funds(self, account: str = "") -> list[int]:
        """The ids of the funds that are there, or of those of one account."""
        found = self.sql("select id from funds where not deleted and ? in ('', account) order by id", account)
        return [row[0] for row in found]

    def deposits(self, account: str) -> list[Decimal]:
        """What was ever deposited into the funds of an account, in order; also if these are gone."""
        found = self.sql(
            "select amount from transactions join funds on funds.id = fund where account = ? "
            "order by transactions.id",
            account,
        )
        return [Decimal(row[0]) for row in found]
