"""``waldur-agent plan``: what a mode would do now. Changes nothing, neither in Waldur nor on the cluster."""

from __future__ import annotations

import argparse
import json
import logging
import os
import threading
from typing import Any

from waldur_agent_hookspecs import NotReady

from waldur_agent.config import Config, Offering, verify_ssl_from
from waldur_agent.modes import order_process
from waldur_agent.modes.served import serving
from waldur_agent.registry import Registry
from waldur_agent.service import Service
from waldur_agent.site import PluginBug, Site
from waldur_agent.waldur import WaldurError

from .arguments import add_config, add_json, add_mode, add_verbose
from .described import plan_as_data
from .start import USAGE, configured, unready
from .tables import show

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
        if problems := unready(config):
            for problem in problems:
                log.error("%s", problem)
            return USAGE
        service = Service(config, registry, arguments.mode, os.environ)
        found = [_look(offering, site, arguments.mode) for offering, site in service.prepare(read_only=True)]
        status = _status(found)
        if arguments.json:
            print(json.dumps({"mode": arguments.mode, "offerings": found, "exit_status": status}, indent=2))  # noqa: T201 - output
        else:
            _print(found)
        return status

    return configured(arguments, work)


def _look(offering: Offering, site: Site, mode: str) -> dict[str, Any]:
    empty: dict[str, Any] = {"orders": [], "commands": [], "jobs_at_risk": {}, "troubles": []}
    verify = verify_ssl_from(os.environ)
    found = {"offering": offering.name, "uuid": offering.uuid, **empty}
    try:
        with serving(offering, site, mode, verify_ssl=verify, stop=threading.Event()) as served:
            found |= plan_as_data(order_process.preview(served))
    except (WaldurError, NotReady, PluginBug) as error:
        found["troubles"] = [str(error)]
    for trouble in found["troubles"]:
        log.error("%s: %s", offering.name, trouble)
    return found


def _status(found: list[dict[str, Any]]) -> int:
    orders = [order for part in found for order in part["orders"]]
    if any(part["troubles"] for part in found):
        return TROUBLE
    if any(order["decision"] == "hold" for order in orders):
        return HELD
    return PENDING if orders else 0


def _print(found: list[dict[str, Any]]) -> None:
    for part in found:
        print(f"{part['offering']} ({part['uuid']})")  # noqa: T201 - output
        if part["troubles"]:
            print("  could not be planned; see the log")  # noqa: T201 - output
        elif not part["orders"]:
            print("  nothing to do")  # noqa: T201 - output
        if part["orders"]:
            show(["ORDER", "ACCOUNT", "CHANGE", "BEFORE", "AFTER", "WHY"], _rows(part["orders"]))
        if part["commands"]:
            print("\nThe commands would be:")  # noqa: T201 - output
            print("\n".join(part["commands"]))  # noqa: T201 - output
        for account, jobs in part["jobs_at_risk"].items():
            print(f"{jobs} jobs of account {account} would end")  # noqa: T201 - output


def _rows(orders: list[dict[str, Any]]) -> list[list[str]]:
    rows = []
    for order in orders:
        first = [order["label"], order["account"]]
        changes = order["changes"] or [{"kind": "", "before": "", "after": "", "reason": ""}]
        if not order["changes"]:
            changes[0] |= {"kind": order["decision"], "reason": order["text"]}
        for change in changes:
            rows.append([*first, *(change[key] for key in ("kind", "before", "after", "reason"))])
            first = ["", ""]
    return rows
