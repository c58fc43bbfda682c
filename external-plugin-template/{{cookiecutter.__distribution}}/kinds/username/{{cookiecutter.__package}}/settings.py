"""The plugin's own keys under ``backend_settings``."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Settings(BaseModel):
    """Where names are looked up, and what new ones look like.

    A key that is not here, or a wrong value, is told to the administrator with file and line before anything runs.

    Attributes:
        directory: Which directory is meant. TODO: what yours needs: an LDAP URL, the path of a command, …
            Keep a password as ``pydantic.SecretStr``: it is never shown then.
        longest_name: How many characters a new name may have.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    directory: str
    longest_name: int = Field(default=16, ge=4, le=32)
