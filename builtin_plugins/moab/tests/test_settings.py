from __future__ import annotations

import pytest
from pydantic import ValidationError
from waldur_agent_moab.settings import MoabSettings

KEYS = ["customer_prefix", "project_prefix", "allocation_prefix"]


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("prefix", ["", "a_", "HPC.", "9-"])
def test_a_prefix_is_kept_as_it_is(key: str, prefix: str) -> None:
    assert getattr(MoabSettings.model_validate({key: prefix}), key) == prefix


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("prefix", ["-a", "+a", ".a", "a|b", "a b", "a\n", "ä"])
def test_a_prefix_that_a_command_would_misread_is_refused(key: str, prefix: str) -> None:
    with pytest.raises(ValidationError):
        MoabSettings.model_validate({key: prefix})


def test_a_configuration_without_deposit_is_refused() -> None:
    with pytest.raises(ValidationError, match="the component deposit alone"):
        MoabSettings.model_validate({}, context={"components": {"cpu": None}})


def test_a_configuration_with_deposit_is_fine() -> None:
    settings = MoabSettings.model_validate({}, context={"components": {"cpu": None, "deposit": None}})
    assert settings.allocation_prefix == ""


def test_components_that_are_not_told_are_not_missed() -> None:
    assert MoabSettings.model_validate({}).default_account == "root"
