"""The plugin's own keys under ``backend_settings``."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """Where to write.

    A key that is not here, or a wrong value, is told to the administrator with file and line before anything runs.

    Attributes:
        audit_file: One line of JSON is added to it for everything that was done. TODO: what your own needs instead:
            the URL of a chat, a metrics gateway, … Keep a password as ``pydantic.SecretStr``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    audit_file: Path
