"""The plugin's keys under ``backend_settings``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    model_validator,
)

COMPONENT: Final = "deposit"
"""The only component that this backend serves: an amount of money or credits."""

# Account names stand in columns that "|" separates, and as arguments that "-" and "+" would turn into options.
Prefix = Annotated[str, StringConstraints(pattern=r"^([A-Za-z0-9_][A-Za-z0-9_.-]*)?$")]
_PREFIX: Final = "letters, digits, '_', '.' and '-', the first one neither '.' nor '-'"


def _blank_is_none(value: object) -> object:
    return None if value == "" else value


def _absolute(path: Path) -> Path:
    if not path.is_absolute():
        raise ValueError(f"must be an absolute path of the directory that holds mam-deposit, not {str(path)!r}")
    return path


Directory = Annotated[Annotated[Path, AfterValidator(_absolute)] | None, BeforeValidator(_blank_is_none)]


class MoabSettings(BaseModel):
    """How accounts are named, and where MAM's commands are.

    ``default_account`` and ``customer_prefix`` are taken, as configurations written for several backends have them;
    there are neither parents nor accounts of customers in MOAB.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    default_account: str = Field(default="root", description="has no effect in MOAB")
    customer_prefix: Prefix = Field(default="", description=_PREFIX)
    project_prefix: Prefix = Field(default="", description=_PREFIX)
    allocation_prefix: Prefix = Field(default="", description=_PREFIX)
    moab_bin_path: Directory = Field(
        default=None, strict=False, description="the directory of the mam-* commands; without it they are on PATH"
    )

    @model_validator(mode="after")
    def _has_deposit(self, info: ValidationInfo) -> Self:
        components = (info.context or {}).get("components")
        if components is not None and COMPONENT not in components:
            raise ValueError(f"MOAB serves the component {COMPONENT} alone, and backend_components has none")
        return self
