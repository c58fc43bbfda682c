"""``python -m waldur_agent_sandbox``: make a sandbox, show it, and do what people do on a cluster."""

from __future__ import annotations

import argparse
import sqlite3
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path

from waldur_agent_hookspecs import Period, PluginError

from . import accounts, jobs, limits, members
from .storage import Cluster, create_cluster


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. 0 good, 1 the sandbox refused, 2 wrong usage."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except (PluginError, sqlite3.IntegrityError) as error:
        print(f"{options.command}: {error}", file=sys.stderr)  # noqa: T201 - this is a command line
        return 1
    return 0


def render(database: Path) -> str:
    """The accounts as an indented tree, each with its status, limits and members; empty for an empty cluster."""
    with Cluster(database).reading() as db:
        return "\n".join(_branch(db, None, 0))


def _branch(db: sqlite3.Connection, parent: str | None, depth: int) -> list[str]:
    lines = []
    rows = db.execute("SELECT name, status, tag FROM accounts WHERE parent IS ? ORDER BY name", (parent,)).fetchall()
    for name, status, tag in rows:
        amounts = [f"{component}={amount:f}" for component, amount in limits.read(db, name).items()]
        people = [f"[{', '.join(inside)}]"] if (inside := members.list_members(db, name)) else []
        owner = [] if tag else ["(by hand)"]
        lines.append("  " * depth + " ".join([name, status, *amounts, *people, *owner]))
        lines += _branch(db, name, depth + 1)
    return lines


def _init(options: argparse.Namespace) -> None:
    create_cluster(options.database)


def _show(options: argparse.Namespace) -> None:
    print(render(options.database))  # noqa: T201 - this is a command line


def _hand(options: argparse.Namespace) -> None:
    with Cluster(options.database).writing() as db:
        accounts.add_by_hand(db, options.account, options.parent)


def _job(options: argparse.Namespace) -> None:
    span = Period(options.start, options.start + options.minutes)
    with Cluster(options.database).writing() as db:
        jobs.simulate(db, options.account, options.user, span, dict(options.resources))


def _parser() -> argparse.ArgumentParser:
    name = "python -m waldur_agent_sandbox"
    parser = argparse.ArgumentParser(prog=name, description="A cluster in one SQLite file.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, run, text in (
        ("init", _init, "make an empty cluster"),
        ("show", _show, "show the accounts as a tree"),
        ("hand", _hand, "make an account by hand"),
        ("job", _job, "run a simulated job"),
    ):
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(run=run)
        command.add_argument("database", type=Path)
    commands.choices["hand"].add_argument("account")
    commands.choices["hand"].add_argument("--parent")
    _add_job_arguments(commands.choices["job"])
    return parser


def _add_job_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("account")
    command.add_argument("user", help="local user name")
    command.add_argument(
        "--start", type=_instant, required=True, help="such as 2026-03-01T12:00:00+02:00; no offset: UTC"
    )
    command.add_argument("--minutes", type=_minutes, required=True, help="above 0; a job may end in the future")
    command.add_argument("resources", nargs="+", type=_resource, metavar="COMPONENT=AMOUNT")


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _minutes(text: str) -> timedelta:
    if (minutes := timedelta(minutes=float(text))) <= timedelta(0):
        raise argparse.ArgumentTypeError(f"expected a number above 0, not {text!r}")
    return minutes


def _resource(text: str) -> tuple[str, Decimal]:
    component, _, amount = text.rpartition("=")
    try:
        good = bool(component) and Decimal(amount) > 0
    except InvalidOperation:
        good = False
    if not good:
        raise argparse.ArgumentTypeError(f"expected COMPONENT=AMOUNT, not {text!r}")
    return component, Decimal(amount)


if __name__ == "__main__":
    sys.exit(main())
