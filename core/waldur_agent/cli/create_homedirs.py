"""``waldur-agent create-homedirs``: what users need on this machine, for all users of the offerings at once."""

from __future__ import annotations

import argparse
import json
import logging
import os
import threading
from typing import Any

from waldur_agent.cli.arguments import add_config, add_json, add_verbose
from waldur_agent.cli.start import ready
from waldur_agent.cli.tables import show
from waldur_agent.config import Config, Offering, verify_ssl_from
from waldur_agent.modes.prepare_users import prepare_users
from waldur_agent.modes.served import build_site, serving
from waldur_agent.registry import PluginBroken, PluginNotFound, Registry
from waldur_agent.site import SiteError
from waldur_agent.waldur import WaldurError

log = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this subcommand."""
    add_config(parser)
    add_json(parser)
    add_verbose(parser)


def run(arguments: argparse.Namespace) -> int:
    """See to the users of every offering; 1 where somebody has not got what is needed."""

    def work(config: Config, registry: Registry) -> int:
        found = [_offering(offering, config, registry) for offering in config.offerings]
        if arguments.json:
            print(json.dumps(found, indent=2))  # noqa: T201 - output
        else:
            show(["OFFERING", "USERS", "WITHOUT", "NOTE"], [_row(part) for part in found])
        return 1 if any(part["without"] or part["trouble"] for part in found) else 0

    return ready(arguments, work)


def _offering(offering: Offering, config: Config, registry: Registry) -> dict[str, Any]:
    found: dict[str, Any] = {"offering": offering.name, "users": 0, "without": {}, "note": "", "trouble": ""}
    verify = verify_ssl_from(os.environ)
    try:
        role = next(iter(offering.backends))
        site = build_site(offering, role, registry, config.timezone, read_only=False)
        with serving(offering, site, "create-homedirs", verify_ssl=verify, stop=threading.Event()) as served:
            prepared = prepare_users(served)
    except (WaldurError, SiteError, PluginNotFound, PluginBroken) as error:
        found["trouble"] = str(error)
        log.error("%s: %s", offering.name, error)  # noqa: TRY400 - expected: a line, not a traceback
        return found
    for name, reason in prepared.reasons.items():
        log.error("%s: %s: %s", offering.name, name, reason)
    note = "" if prepared.served else "no plugin of this offering makes anything for users"
    return found | {"users": prepared.users, "without": prepared.reasons, "note": note}


def _row(part: dict[str, Any]) -> list[str]:
    return [part["offering"], str(part["users"]), str(len(part["without"])), part["trouble"] or part["note"]]
