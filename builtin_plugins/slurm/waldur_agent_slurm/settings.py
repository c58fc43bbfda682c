"""The plugin's keys under ``backend_settings``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictBool

from .client import READ_SECONDS
from .names import ACCOUNT_NAME

_PREFIX = re.compile(r"([a-z0-9][a-z0-9_.-]{0,31})?")
_QOS = re.compile(r"[a-z0-9_][a-z0-9_.-]{0,63}")


def _prefix(text: str) -> str:
    folded = text.lower()
    if not _PREFIX.fullmatch(folded):
        raise ValueError(
            f"{text!r} cannot begin a SLURM account's name: allowed are at most 32 of a-z, 0-9, '_', '.' and '-', "
            "beginning with a letter or a digit"
        )
    return folded


def _account(text: str) -> str:
    folded = text.lower()
    if not ACCOUNT_NAME.fullmatch(folded):
        raise ValueError(
            f"{text!r} is no SLURM account name: allowed are a-z, 0-9, '_', '.' and '-', beginning with a letter or "
            "a digit"
        )
    return folded


def _name(text: str) -> str:
    folded = text.lower()
    if not _QOS.fullmatch(folded):
        raise ValueError(f"{text!r} is no name that SLURM takes here: allowed are a-z, 0-9, '_', '.' and '-'")
    return folded


def _absolute(path: Path) -> Path:
    if not path.is_absolute():
        raise ValueError(f"must be an absolute path of the directory that holds sacctmgr, not {str(path)!r}")
    return path


def _blank_is_none(value: object) -> object:
    return None if value == "" else value


Prefix = Annotated[str, AfterValidator(_prefix)]
Name = Annotated[str, AfterValidator(_name)]
OptionalName = Annotated[Name | None, BeforeValidator(_blank_is_none)]


class SlurmSettings(BaseModel):
    """What a site says about its cluster. Names are folded to lower case, as SLURM folds them.

    Attributes:
        default_account: The parent of new customer accounts; never changed and never deleted.
        customer_prefix: What the name of a customer's account begins with.
        project_prefix: The same for a project's account.
        allocation_prefix: The same for the account of a resource.
        qos_default: The QoS of an account whose members may work.
        qos_downscaled: The QoS of a downscaled one; without it none is taken for downscaled.
        qos_paused: The QoS of a paused one; without it none is taken for paused.
        slurm_bin_path: The directory of SLURM's commands; without it they are looked up on ``PATH``.
        cluster_name: Which cluster of slurmdbd is served; needed only where slurmdbd has several.
        require_os_user: Whether a member is added only once the operating system knows the user. slurmctld
            remembers a failed look-up, so that a member who is added before cannot work for a while.
        read_timeout_seconds: How long a command that only reads may take; one that takes longer is ended, and tried
            again in the next cycle. What sacct computes may take longer, and so may writing.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    default_account: Annotated[str, AfterValidator(_account)] = "root"
    customer_prefix: Prefix = ""
    project_prefix: Prefix = ""
    allocation_prefix: Prefix = ""
    qos_default: OptionalName = "normal"
    qos_downscaled: OptionalName = None
    qos_paused: OptionalName = None
    slurm_bin_path: Annotated[Annotated[Path, AfterValidator(_absolute)] | None, BeforeValidator(_blank_is_none)] = (
        None
    )
    cluster_name: OptionalName = None
    require_os_user: StrictBool = True
    read_timeout_seconds: float = Field(default=READ_SECONDS, gt=0, le=3600)
