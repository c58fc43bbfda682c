"""Make the accounts that existing resources have: reads Waldur's resources as JSON from standard input.

python yesterday.py CONFIG < resources.json
"""

from __future__ import annotations

import json
import os
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

from waldur_agent.config import Role, load
from waldur_agent.modes.served import build_site
from waldur_agent.registry import Registry
from waldur_agent_hookspecs import AccountRef, Change, CreateAccount, LimitChange, Party, SetLimits


def changes(resource: dict[str, Any]) -> list[Change]:
    """What an account of that resource needs. The demo's limits are GPU hours, the cluster's GPU minutes."""
    ref = AccountRef(
        resource_uuid=resource["uuid"],
        backend_id="",
        slug=resource["slug"],
        name=resource["name"],
        project=Party(resource["project_uuid"], resource["project_slug"], resource["project_name"]),
        customer=Party(resource["customer_uuid"], resource["customer_slug"], resource["customer_name"]),
    )
    limits = {name: Decimal(amount) * 60 for name, amount in resource["limits"].items()}
    reason = "it was ordered before this story begins"
    return [
        CreateAccount(ref=ref, reason=reason),
        SetLimits(ref=ref, reason=reason, limits=LimitChange(wanted=limits)),
    ]


def main() -> None:
    """Make them all."""
    registry = Registry.discover()
    config = load(Path(sys.argv[1]), registry=registry, environ=os.environ)
    site = build_site(config.offerings[0], Role.ORDER_PROCESSING, registry, config.timezone, read_only=False)
    wanted = [change for resource in json.load(sys.stdin) for change in changes(resource)]
    bad = [outcome.text for outcome in site.apply(wanted) if not outcome.good]
    if bad:
        sys.exit("; ".join(bad))


if __name__ == "__main__":
    main()
