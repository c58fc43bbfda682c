"""``waldur-agent diagnostics``: all that the agent sees, for a look of one's own or for a question to somebody else.

What ``check`` finds, and around it what it was found in. No token is in it.
"""

from __future__ import annotations

import argparse
import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from waldur_agent import __version__
from waldur_agent.config import Config, Offering, verify_ssl_from
from waldur_agent.registry import Registry

from .arguments import add_config, add_json, add_verbose
from .check import show_findings
from .findings import Finding, Looked, look
from .start import configured
from .tables import show

HIDDEN = "(hidden)"
_SECRET = re.compile(r"token|secret|password|passwd|key", re.IGNORECASE)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this subcommand."""
    add_config(parser)
    add_json(parser)
    add_verbose(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print everything of every offering; 1 where something is bad."""

    def work(config: Config, registry: Registry) -> int:
        seen = [(offering, look(offering, config, registry, orders=True)) for offering in config.offerings]
        healthy = all(finding.good for _, looked in seen for finding in looked.findings)
        told = {**_settings(config), "healthy": healthy, "offerings": [_told(*pair) for pair in seen]}
        if arguments.json:
            print(json.dumps(told, indent=2, default=str))  # noqa: T201 - output
        else:
            _show(told)
        return 0 if healthy else 1

    return configured(arguments, work)


def _settings(config: Config) -> dict[str, Any]:
    return {
        "waldur_agent": __version__,
        "configuration": str(config.path),
        "timezone": config.timezone,
        "reporting_periods": config.reporting_periods,
        "sentry": "on" if config.sentry_dsn else "off",
        "certificates": "checked" if verify_ssl_from(os.environ) else "not checked (REQUESTS_VERIFY_SSL)",
    }


def _told(offering: Offering, looked: Looked) -> dict[str, Any]:
    found = looked.offering
    return {
        "offering": offering.name,
        "settings": _offering_settings(offering),
        "user": _user(looked.me),
        "waldur": {"name": found.name, "organisation": found.customer_name, "state": found.state} if found else {},
        "components": [
            {"type": kind, **{key: component.fields.get(key) for key in _COMPONENT}}
            for kind, component in looked.components.items()
        ],
        "orders": [
            {
                "uuid": order.uuid,
                "type": order.type,
                "state": order.state,
                "project": order.project.name or order.project.uuid,
                "resource": order.resource_name,
                "created": order.created,
            }
            for order in looked.orders
        ],
        "findings": [asdict(finding) for finding in looked.findings],
    }


_COMPONENT = ("name", "billing_type", "measured_unit", "limit_amount", "limit_period")


def _offering_settings(offering: Offering) -> dict[str, Any]:
    return {
        "waldur_api_url": offering.api_url,
        "waldur_api_token": HIDDEN if offering.token.get_secret_value() else "(empty)",
        "waldur_offering_uuid": offering.uuid or "(empty)",
        "verify_ssl": offering.verify_ssl,
        **{role.key: name for role, name in offering.backends.items()},
        "username_management_backend": offering.username_plugin,
        "plugins": ", ".join(offering.plugins),
        "events": offering.event_transport or "polled",
        **{
            f"{plugin}: {key}": HIDDEN if value and _SECRET.search(key) else value
            for plugin, settings in offering.settings.items()
            for key, value in settings.model_dump(mode="json").items()
        },
        **{
            f"backend_components: {kind}": f"{it.accounting_type}, {it.unit_factor:f} per {it.measured_unit}, "
            f"{it.label}{'' if it.limit is None else f', limit {it.limit:f}'}"
            for kind, it in offering.components.items()
        },
    }


def _user(me: Mapping[str, Any]) -> dict[str, Any]:
    """Every key but the name may be absent, and what is beyond these is nobody's business: a token is among it."""
    if not me:
        return {}
    permissions = me.get("permissions")
    return {
        "username": me.get("username"),
        "full_name": me.get("full_name") or "",
        "is_staff": bool(me.get("is_staff")),
        "roles": [
            {key: role.get(key) or "" for key in ("role_name", "scope_type", "scope_name", "expiration_time")}
            for role in (permissions if isinstance(permissions, list) else [])
        ],
    }


def _show(told: Mapping[str, Any]) -> None:
    _pairs("The agent", {key: value for key, value in told.items() if key not in {"offerings", "healthy"}})
    for offering in told["offerings"]:
        print(f"\n======== {offering['offering']} ========")  # noqa: T201 - output
        _pairs("Settings", offering["settings"])
        user = offering["user"]
        _pairs("Waldur's user", {key: value for key, value in user.items() if key != "roles"})
        _rows("Its roles", user.get("roles", []))
        _pairs("Waldur's offering", offering["waldur"])
        _rows("Waldur's components", offering["components"])
        _rows("Open orders", offering["orders"])
        print("\nFindings")  # noqa: T201 - output
        show_findings([Finding(**finding) for finding in offering["findings"]])


def _pairs(title: str, pairs: Mapping[str, Any]) -> None:
    if pairs:
        print(f"\n{title}")  # noqa: T201 - output
        show(["KEY", "VALUE"], [[key, _cell(value)] for key, value in pairs.items()])


def _rows(title: str, rows: list[dict[str, Any]]) -> None:
    print(f"\n{title}{'' if rows else ': none'}")  # noqa: T201 - output
    if rows:
        headings = [key.upper().replace("_", " ") for key in rows[0]]
        show(headings, [[_cell(value) for value in row.values()] for row in rows])


def _cell(value: object) -> str:
    return "" if value is None else str(value)
