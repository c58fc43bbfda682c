"""A cluster in one SQLite file: what the demo runs on, and the plugin to read before writing one.

Read in this order: ``backend`` (the hooks), ``accounts`` (whose account is it), ``names``, ``limits``, ``jobs``,
``storage``. ``python -m waldur_agent_sandbox`` makes such a cluster, shows it, and runs jobs on it.
"""

from __future__ import annotations

from .backend import SandboxPlugin
from .settings import SandboxSettings
from .storage import Cluster, create_cluster

__all__ = ["Cluster", "SandboxPlugin", "SandboxSettings", "create_cluster"]
