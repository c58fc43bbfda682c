"""``waldur-agent plan``: what a mode would do now. Changes nothing, neither in Waldur nor on the cluster."""

from __future__ import annotations

import argparse
import json
import logging
import os
import threading
from typing import Any

from waldur_agent_hookspecs import NotReady

from waldur_agent.cli.arguments import add_config, add_json, add_mode, add_verbose
from waldur_agent.cli.start import ready
from waldur_agent.cli.tables import show
from waldur_agent.config import Config, verify_ssl_from
from waldur_agent.modes.catalogue import Job
from waldur_agent.modes.described import Item
from waldur_agent.modes.served import calendar_of, serving
from waldur_agent.planning import Calendar, Release
from waldur_agent.registry import Registry
from waldur_agent.service import Service
from waldur_agent.site import PluginBug
from waldur_agent.waldur import WaldurError

log = logging.getLogger(__name__)

TROUBLE, PENDING, HELD = 1, 3, 4


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this subcommand."""
    add_mode(parser)
    add_config(parser)
    add_json(parser)
    add_verbose(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the plan of every offering that the mode serves."""

    def work(config: Config, registry: Registry) -> int:
        found = look(config, registry, arguments.mode)
        status = _status(found)
        if arguments.json:
            print(json.dumps({"mode": arguments.mode, "offerings": found, "exit_status": status}, indent=2))  # noqa: T201 - output
        else:
            show_plan(found)
        return status

    return ready(arguments, work)


def look(config: Config, registry: Registry, mode_name: str, release: Release | None = None) -> list[dict[str, Any]]:
    """The plan of every offering that the mode serves, as plain data; troubles are logged."""
    service = Service(config, registry, mode_name, os.environ)
    calendar = calendar_of(config)
    return [_planned(job, calendar, release) for job in service.prepare(read_only=True)]


def _planned(job: Job, calendar: Calendar, release: Release | None) -> dict[str, Any]:
    offering = job.offering
    found: dict[str, Any] = {"offering": offering.name, "uuid": offering.uuid, "mode": job.mode.name}
    found |= {"items": [], "commands": [], "jobs_at_risk": {}, "troubles": []}
    verify = verify_ssl_from(os.environ)
    try:
        opened = serving(
            offering, job.site, job.mode.name, verify_ssl=verify, stop=threading.Event(), calendar=calendar
        )
        with opened as served:
            found |= job.mode.describe(served, release)
            found["troubles"] += served.waldur.unreadable.values()
    except (WaldurError, NotReady, PluginBug) as error:
        found["troubles"] = [str(error)]
    for trouble in found["troubles"]:
        log.error("%s: %s", offering.name, trouble)
    return found


def _status(found: list[dict[str, Any]]) -> int:
    if any(part["troubles"] for part in found):
        return TROUBLE
    items = [item for part in found for item in part["items"]]
    if any(item["held"] for item in items):
        return HELD
    return PENDING if items else 0


def show_plan(found: list[dict[str, Any]]) -> None:
    """Print plans as tables, with the commands behind them."""
    for part in found:
        print(f"{part['offering']} ({part['uuid']}), {part['mode']}")  # noqa: T201 - output
        if part["troubles"]:
            print("  not all of it could be planned; see the log")  # noqa: T201 - output
        elif not part["items"]:
            print("  nothing to do")  # noqa: T201 - output
        if part["items"]:
            headings = ["WHAT FOR", "ACCOUNT", "CHANGE", "BEFORE", "AFTER", "WHY"]
            show(headings, [row for item in part["items"] for row in _rows(item)])
        if part["commands"]:
            print("\nThe commands would be:")  # noqa: T201 - output
            print("\n".join(part["commands"]))  # noqa: T201 - output
        for account, jobs in part["jobs_at_risk"].items():
            print(f"{jobs} jobs of account {account} would end")  # noqa: T201 - output


def _rows(item: Item) -> list[list[str]]:
    changes = [[change[key] for key in ("kind", "before", "after", "reason")] for change in item["changes"]]
    if item["text"]:
        changes.insert(0, [item["decision"], "", "", item["text"]])
    first = [[item["label"], item["account"]]] + [["", ""]] * len(changes)
    return [[*names, *cells] for names, cells in zip(first, changes, strict=False)]
