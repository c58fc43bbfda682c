"""``waldur-agent load-components``: the offering's components in Waldur become those of the configuration."""

from __future__ import annotations

import argparse
import json
import logging
import os
import threading
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from waldur_agent_hookspecs import NotReady

from waldur_agent.cli.arguments import add_config, add_json, add_verbose
from waldur_agent.cli.start import ready
from waldur_agent.cli.tables import show
from waldur_agent.config import Config, Offering, verify_ssl_from
from waldur_agent.modes.load_components import Loaded, component_rules, load, plan
from waldur_agent.modes.served import backend_sites, serving
from waldur_agent.planning import ComponentAction
from waldur_agent.registry import PluginBroken, PluginNotFound, Registry
from waldur_agent.site import PluginBug, SiteError
from waldur_agent.waldur import WaldurError

log = logging.getLogger(__name__)

TROUBLE, PENDING = 1, 3

_DONE = {ComponentAction.CREATE: "created", ComponentAction.UPDATE: "updated", ComponentAction.KEEP: "unchanged"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this subcommand."""
    add_config(parser)
    text = "show what would be created and changed; exit status 3 where there is something"
    parser.add_argument("--dry-run", action="store_true", help=text)
    add_json(parser)
    add_verbose(parser)


def run(arguments: argparse.Namespace) -> int:
    """Load the components of every offering; 1 where some of them failed."""

    def work(config: Config, registry: Registry) -> int:
        found = [_offering(offering, config, registry, arguments.dry_run) for offering in config.offerings]
        status = _status(found, arguments.dry_run)
        if arguments.json:
            print(json.dumps({"offerings": found, "exit_status": status}, indent=2))  # noqa: T201 - output
        else:
            headings = ["OFFERING", "COMPONENT", "WHAT", "BEFORE", "AFTER", "NOTE"]
            show(headings, [row for part in found for row in _rows(part)])
        return status

    return ready(arguments, work)


def _offering(offering: Offering, config: Config, registry: Registry, dry_run: bool) -> dict[str, Any]:  # noqa: FBT001 - handed on
    found: dict[str, Any] = {"offering": offering.name, "uuid": offering.uuid, "components": [], "trouble": ""}
    verify = verify_ssl_from(os.environ)
    try:
        sites = list(backend_sites(offering, registry, config.timezone).values())
        rules = component_rules(offering, sites)
        with serving(offering, sites[0], "load-components", verify_ssl=verify, stop=threading.Event()) as served:
            loaded = [Loaded(item) for item in plan(served, rules)] if dry_run else load(served, rules)
    except (WaldurError, NotReady, PluginBug, SiteError, PluginNotFound, PluginBroken) as error:
        found["trouble"] = str(error)
        log.error("%s: %s", offering.name, error)  # noqa: TRY400 - expected: a line, not a traceback
        return found
    found["components"] = [_as_data(item, dry_run) for item in loaded]
    for item in loaded:
        if item.error:
            log.error("%s: component %s: %s", offering.name, item.plan.type, item.error)
    return found


def _as_data(item: Loaded, dry_run: bool) -> dict[str, Any]:  # noqa: FBT001 - handed on
    changed = item.plan.wanted if item.plan.action is ComponentAction.CREATE else item.plan.before
    done = "failed" if item.error else _DONE[item.plan.action]
    return {
        "type": item.plan.type,
        "what": str(item.plan.action) if dry_run and item.plan.action is not ComponentAction.KEEP else done,
        "before": _plain(item.plan.before),
        "after": _plain({key: item.plan.wanted[key] for key in changed}),
        "note": item.error or item.plan.note,
    }


def _plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {key: f"{value:f}" if isinstance(value, Decimal) else value for key, value in fields.items()}


def _status(found: list[dict[str, Any]], dry_run: bool) -> int:  # noqa: FBT001 - handed on
    done = [item["what"] for part in found for item in part["components"]]
    if "failed" in done or any(part["trouble"] for part in found):
        return TROUBLE
    return PENDING if dry_run and set(done) - {"unchanged"} else 0


def _rows(part: dict[str, Any]) -> list[list[str]]:
    if part["trouble"]:
        return [[part["offering"], "", "failed", "", "", part["trouble"]]]
    return [
        [
            part["offering"] if not number else "",
            item["type"],
            item["what"],
            _text(item["before"]),
            _text(item["after"]),
            item["note"],
        ]
        for number, item in enumerate(part["components"])
    ]


def _text(fields: dict[str, Any]) -> str:
    return " ".join(f"{key}={value}" for key, value in fields.items())
