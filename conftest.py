"""What all tests of the workspace may use."""

from __future__ import annotations

from hypothesis import settings

pytest_plugins = [
    "services.agent_fixtures",
    "services.mam_fixtures",
    "services.rabbitmq_fixtures",
    "services.slurm_fixtures",
]

# How long an example takes tells of the machine, not of the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
