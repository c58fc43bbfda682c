"""The plugin's own keys under ``backend_settings``."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Prefix = Annotated[str, Field(pattern=r"^[a-z0-9_.-]*$")]


class Settings(BaseModel):
    """Where the system is, and how accounts are named.

    A key that is not here, or a wrong value, is told to the administrator with file and line before anything runs.

    Attributes:
        address: Which system is meant. TODO: what your system needs: a URL, the path of a command, …
            Keep a password as ``pydantic.SecretStr``: it is never shown then.
        prefix: What the name of every account begins with.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    address: str
    prefix: Prefix = ""
