"""What all tests of the workspace may use."""

from __future__ import annotations

pytest_plugins = [
    "services.agent_fixtures",
    "services.mam_fixtures",
    "services.rabbitmq_fixtures",
    "services.slurm_fixtures",
]
