"""The sandbox's own keys under ``backend_settings``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from .storage import WAIT_SECONDS

Prefix = Annotated[str, Field(pattern=r"^[a-z0-9_.-]*$")]
"""What goes before a slug. A name is lower case, as SLURM's are, so its prefix has to be."""


class SandboxSettings(BaseModel):
    """Where the cluster is, and how its accounts are named.

    Attributes:
        database: The SQLite file, made beforehand by ``python -m waldur_agent_sandbox init FILE``. The plugin never
            makes it: a file that was moved away would otherwise read as a cluster on which every account is gone.
        customer_prefix: Goes before the customer's slug.
        project_prefix: Goes before the project's.
        allocation_prefix: Goes before the resource's.
        wait_seconds: How long a hook waits for another process that writes, before it is not ready.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    database: Path
    customer_prefix: Prefix = ""
    project_prefix: Prefix = ""
    allocation_prefix: Prefix = ""
    wait_seconds: float = Field(default=WAIT_SECONDS, ge=0, le=600)
