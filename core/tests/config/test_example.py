"""The example that users start from."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator
from waldur_agent.config import json_schema, load
from waldur_agent.config.sections import FileSection, OfferingSection
from waldur_agent.registry import Registry

EXAMPLE = Path(__file__).parents[3] / "examples" / "waldur-site-agent-config.yaml.example"
SEED = Path(__file__).with_name("seed-configuration.yaml")


def test_it_loads_without_a_warning(registry: Registry) -> None:
    assert load(EXAMPLE, registry=registry, environ={}).warnings == ()


def test_it_means_what_the_reference_configuration_means(registry: Registry) -> None:
    example, seed = (load(path, registry=registry, environ={}) for path in (EXAMPLE, SEED))
    assert example.offerings == seed.offerings
    assert (example.timezone, example.reporting_periods) == (seed.timezone, seed.reporting_periods)


@pytest.mark.parametrize("path", [EXAMPLE, SEED], ids=["example", "seed"])
def test_it_fits_the_schema(registry: Registry, path: Path) -> None:
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert list(Draft202012Validator(json_schema(registry)).iter_errors(data)) == []


def test_every_key_of_the_file_is_in_it() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    keys = {*FileSection.model_fields, *OfferingSection.model_fields}
    unsaid = {key for key in keys if f"{key}:" not in text}
    # The text says that there are the same three for STOMP.
    assert unsaid == {"stomp_ws_host", "stomp_ws_port", "stomp_ws_path"}
