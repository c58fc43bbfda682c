"""The plugin's keys under ``backend_settings``."""

from __future__ import annotations

import re
import warnings
from typing import Annotated, Final, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, model_validator

PRIVATE: Final = "0077"
"""Only the owner may look into the home."""

_OWNER_BITS: Final = 0o700
_DIGITS = re.compile(r"0?[0-7]{3}")


def _umask(text: str, info: ValidationInfo) -> str:
    if not _DIGITS.fullmatch(text):
        raise ValueError(f'a umask is three octal digits, with or without a 0 before them, such as "{PRIVATE}"')
    text = text.zfill(4)
    if text == "0700":
        # The documented example of the first agents meant it as a mode. As a umask it locks the owner out.
        warnings.warn(
            f"{info.field_name} is 0700, which would lock owners out of their homes; {PRIVATE} is used", stacklevel=2
        )
        return PRIVATE
    if int(text, base=8) & _OWNER_BITS:
        raise ValueError(
            "a umask is what is taken away, and this one takes rights of the owner; "
            f'for a home that only its owner may enter write "{PRIVATE}"'
        )
    return text


Umask = Annotated[str, AfterValidator(_umask)]


class HomedirsSettings(BaseModel):
    """When and how homes are made.

    The umask has two names: ``homedir_umask`` is the older one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    enable_user_homedir_account_creation: bool = Field(
        default=True, description="whether members who have no home get one"
    )
    homedir_umask: Umask | None = Field(default=None, description=f'what is taken away, such as "{PRIVATE}"')
    default_homedir_umask: Umask | None = Field(default=None, description="another name of homedir_umask")

    @model_validator(mode="after")
    def _one_umask(self) -> Self:
        given = {self.homedir_umask, self.default_homedir_umask} - {None}
        if len(given) > 1:
            raise ValueError("homedir_umask and default_homedir_umask are two names of one thing and differ")
        return self

    @property
    def umask(self) -> str:
        """Four octal digits, never one that takes rights of the owner."""
        return self.homedir_umask or self.default_homedir_umask or PRIVATE
