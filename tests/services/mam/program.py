"""What every ``mam-*`` command of the stand-in runs: options, variants, faults, and then the command itself.

It stands alone, and imports what takes time only where it is used: a test of this plugin is mostly starts of it.
"""

# pathlib takes longer to start than everything else together.
# ruff: noqa: PTH110, PTH123, PTH208
from __future__ import annotations

import os
import sqlite3
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, NoReturn

FLAGS = ("--raw", "--quiet", "--hours")
SIGKILL = 9

SCHEMA = """
create table users (name text primary key, default_account text not null default '');
create table accounts (name text primary key, description text not null, organization text not null);
create table members (account text not null, user text not null, primary key (account, user));
create table funds (id integer primary key autoincrement, account text, deleted integer not null default 0);
create table allocations (id integer primary key, fund integer not null, amount text not null,
    deposited text not null, description text not null);
create table transactions (id integer primary key, object text not null, action text not null, fund integer,
    amount text not null, time text not null, description text not null);
create table usagerecords (id integer primary key, account text not null, user text not null, charge text not null,
    time integer not null, began integer not null default 0);
"""


class Refused(Exception):  # noqa: N818 - what MAM does, not what went wrong in this program
    """The command ends with an error and this text."""

    def __init__(self, text: str, status: int = 1) -> None:
        super().__init__(text)
        self.status = status


class Options:
    """The arguments of one command: each option at most once, and only those that the command has."""

    def __init__(self, program: str, arguments: Iterable[str], known: Iterable[str]) -> None:
        self.flags: set[str] = set()
        self.values: dict[str, str] = {}
        waiting = iter(arguments)
        for argument in waiting:
            if argument in FLAGS:
                self.flags.add(argument)
            elif argument not in known:
                raise Refused(f"Unknown option: {argument.lstrip('-')}\nUsage: {program} [{'] ['.join(known)}]", 2)
            else:
                value = next(waiting, None)
                if value is None or (value.startswith("-") and argument != "-z"):
                    raise Refused(f"Option {argument} requires an argument\nUsage: {program}", 2)
                self.values[argument] = value

    def __getitem__(self, name: str) -> str:
        try:
            return self.values[name]
        except KeyError:
            raise Refused(f"The option {name} must be given") from None

    def get(self, name: str) -> str | None:
        """The value of an option that may be left out."""
        return self.values.get(name)


class State:
    """The stand-in's state, and which variant of MAM it plays."""

    def __init__(self, folder: str, database: sqlite3.Connection) -> None:
        self.database = database
        self.variants: set[str] = set()
        if os.path.exists(f"{folder}/variants"):
            with open(f"{folder}/variants", encoding="utf-8") as names:
                self.variants = set(names.read().split())

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Run a statement and give all its rows."""
        return self.database.execute(query, values).fetchall()

    def account(self, name: str) -> str:
        """An account's name as it is stored, where there is such an account."""
        fold = " collate nocase" if "names-fold" in self.variants else ""
        found = self.rows(f"select name from accounts where name = ?{fold}", name)  # noqa: S608 - our own text
        if not found:
            raise Refused(f"Failed: The account ({name}) does not exist")
        return str(found[0][0])


def show(options: Options, columns: dict[str, int], rows: list[tuple[Any, ...]]) -> str:
    """Rows in the columns asked for; without ``--raw`` as a table for people, which nobody should parse."""
    names = options["--show"].split(",")
    if unknown := [name for name in names if name not in columns]:
        raise Refused(f"Failed: The attribute ({unknown[0]}) is not valid for this object", 74)
    separator = "|" if "--raw" in options.flags else "   "
    lines = (
        [] if "--quiet" in options.flags else [separator.join(names), separator.join("-" * len(it) for it in names)]
    )
    lines += [separator.join(str(row[columns[name]] or "") for name in names) for row in rows]
    return "".join(f"{line}\n" for line in lines)


def _fault(folder: str, program: str, arguments: list[str]) -> dict[str, Any] | None:
    names = sorted(os.listdir(f"{folder}/faults"))
    if not names:
        return None
    import json
    from pathlib import Path

    for path in (Path(folder, "faults", name) for name in names):
        fault: dict[str, Any] = json.loads(path.read_text())
        if fault["program"] not in {"", program} or fault["match"] not in " ".join(arguments):
            continue
        if fault["writes"] and program.startswith("mam-list-"):
            continue
        if fault["skip"]:
            path.write_text(json.dumps({**fault, "skip": fault["skip"] - 1}))
            continue
        if fault["once"]:
            path.unlink()
        return fault
    return None


def _answer(folder: str, program: str, arguments: list[str]) -> tuple[int, str, str]:
    import verbs  # type: ignore[import-not-found] # beside this file, on the path of the commands

    with sqlite3.connect(f"{folder}/mam.sqlite", timeout=60) as database:
        state = State(folder, database)
        try:
            output = verbs.run(state, program, arguments)
        except Refused as refusal:
            database.rollback()
            return refusal.status, "", f"{refusal}\n"
    if program.startswith("mam-list-"):
        if "no-last-line-end" in state.variants:
            output = output.removesuffix("\n")
        if not output and "message-when-empty" in state.variants:
            output = "No matching records were found\n"
    return 0, output, ""


def main(folder: str, program: str, arguments: list[str]) -> NoReturn:
    """Run one command."""
    with open(f"{folder}/log", "a", encoding="utf-8") as log:
        log.write("\x1f".join([program, *arguments]) + "\x1e")
    fault = _fault(folder, program, arguments) or {}
    if fault.get("kill") in {"before", "during"}:
        os.kill(os.getppid(), SIGKILL)
        if fault["kill"] == "before":
            sys.exit(99)
    if fault.get("sleep"):
        import time

        time.sleep(fault["sleep"])
    status, output, errors = _answer(folder, program, arguments) if fault.get("run", True) else (0, "", "")
    if fault.get("kill") == "after":
        os.kill(os.getppid(), SIGKILL)
    sys.stdout.write(output if fault.get("output") is None else fault["output"])
    sys.stderr.write(errors if fault.get("errors") is None else fault["errors"])
    sys.exit(status if fault.get("status") is None else fault["status"])
