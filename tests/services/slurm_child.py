"""An agent that can be killed: applies changes with the SLURM plugin in a process of its own.

python -m services.slurm_child create|delete SLUG…      with the users alice and bob, all in the project "ocean"
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from waldur_agent_hookspecs import PluginContext
from waldur_agent_slurm.backend import SlurmPlugin
from waldur_agent_slurm.settings import SlurmSettings

from services.slurm_plans import delete, ends, make_ref, order


def main(what: str, slugs: Sequence[str]) -> None:
    """Read as core does, apply, and print how each change ended."""
    settings = SlurmSettings(customer_prefix="c_", project_prefix="p_", allocation_prefix="a_", require_os_user=False)
    plugin = SlurmPlugin(settings, PluginContext("Killed", "0" * 32))
    refs = [make_ref(slug) for slug in slugs]
    plugin.list_accounts(refs)
    changes = [
        change
        for ref in refs
        for change in (order(ref, "alice", "bob", cpu=7) if what == "create" else [delete(ref)])
    ]
    sys.stdout.write("\n".join(ends(plugin.apply_changes(changes))) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
