"""The plugin's keys under ``backend_settings``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from waldur_agent_slurm.settings import SlurmSettings


def test_without_any_key_the_defaults_hold() -> None:
    settings = SlurmSettings()
    assert (settings.default_account, settings.qos_default) == ("root", "normal")
    not_set = (settings.qos_paused, settings.qos_downscaled, settings.cluster_name, settings.slurm_bin_path)
    assert not_set == (None, None, None, None)
    assert settings.require_os_user


def test_names_are_folded_and_blank_ones_are_not_there() -> None:
    settings = SlurmSettings.model_validate(
        {"project_prefix": "HPC_", "qos_paused": "", "slurm_bin_path": "/opt/slurm/bin"}
    )
    assert settings.project_prefix == "hpc_"
    assert settings.qos_paused is None
    assert settings.slurm_bin_path == Path("/opt/slurm/bin")


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("customer_prefix", "c:", "a-z, 0-9"),
        ("project_prefix", "-p", "beginning with a letter"),
        ("allocation_prefix", "ü_", "a-z, 0-9"),
        ("allocation_prefix", "x" * 33, "at most 32"),
        ("default_account", "", "account name"),
        ("default_account", "a,b", "account name"),
        ("qos_paused", "a b", "a-z, 0-9"),
        ("cluster_name", "a=b", "a-z, 0-9"),
        ("slurm_bin_path", "bin", "absolute path"),
        ("require_os_user", "perhaps", "boolean"),
        ("qos_pausd", "x", "Extra inputs"),
    ],
)
def test_a_bad_value_is_named_with_what_is_allowed(key: str, value: Any, said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        SlurmSettings.model_validate({key: value})
    (error,) = caught.value.errors()
    assert error["loc"][0] == key
    assert said in error["msg"]
