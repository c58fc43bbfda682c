from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from waldur_agent.config import json_schema
from waldur_agent.registry import Registry

SEED = Path(__file__).with_name("seed-configuration.yaml")


@pytest.fixture(scope="module")
def validator(registry: Registry) -> Draft202012Validator:
    schema = json_schema(registry)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(json.loads(json.dumps(schema)))


@pytest.fixture
def seed() -> Any:
    return deepcopy(yaml.safe_load(SEED.read_text(encoding="utf-8")))


def test_the_reference_configuration_fits_the_schema(validator: Draft202012Validator, seed: Any) -> None:
    assert list(validator.iter_errors(seed)) == []


@pytest.mark.parametrize("key", ["default_homedir_umask", "slurm_bin_path", "database"])
def test_keys_of_every_plugin_are_in_the_schema(validator: Draft202012Validator, seed: Any, key: str) -> None:
    seed["offerings"][0]["backend_settings"][key] = "/somewhere"
    assert list(validator.iter_errors(seed)) == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data.update(offerngs=1),
        lambda data: data.update(offerings=[]),
        lambda data: data["offerings"][0].update(nmae="x"),
        lambda data: data["offerings"][0].pop("waldur_api_url"),
        lambda data: data["offerings"][0]["backend_settings"].update(qos_defualt="x"),
        lambda data: data["offerings"][0]["backend_settings"].update(homedir_umask=77),
        lambda data: data["offerings"][0]["backend_components"]["cpu"].update(accounting_type="one"),
        lambda data: data["offerings"][0]["backend_components"]["cpu"].update(unit_factor="6"),
    ],
)
def test_the_schema_refuses_what_is_refused(validator: Draft202012Validator, seed: Any, spoil: Any) -> None:
    spoil(seed)
    assert list(validator.iter_errors(seed))
