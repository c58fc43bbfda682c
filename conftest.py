"""What all tests of the workspace may use."""

from __future__ import annotations

pytest_plugins = ["services.slurm_fixtures"]
