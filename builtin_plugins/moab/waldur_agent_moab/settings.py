"""The plugin's keys under ``backend_settings``."""

from __future__ import annotations

from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationInfo, model_validator

COMPONENT: Final = "deposit"
"""The only component that this backend serves: an amount of money or credits."""

# Account names stand in columns that "|" separates, and as arguments that "-" and "+" would turn into options.
Prefix = Annotated[str, StringConstraints(pattern=r"^([A-Za-z0-9_][A-Za-z0-9_.-]*)?$")]
_PREFIX: Final = "letters, digits, '_', '.' and '-', the first one neither '.' nor '-'"


class MoabSettings(BaseModel):
    """How accounts are named.

    ``default_account`` and ``customer_prefix`` are taken, as configurations written for several backends have them;
    there are neither parents nor accounts of customers in MOAB.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    default_account: str = Field(default="root", description="has no effect in MOAB")
    customer_prefix: Prefix = Field(default="", description=_PREFIX)
    project_prefix: Prefix = Field(default="", description=_PREFIX)
    allocation_prefix: Prefix = Field(default="", description=_PREFIX)

    @model_validator(mode="after")
    def _has_deposit(self, info: ValidationInfo) -> Self:
        components = (info.context or {}).get("components")
        if components is not None and COMPONENT not in components:
            raise ValueError(f"MOAB serves the component {COMPONENT} alone, and backend_components has none")
        return self
