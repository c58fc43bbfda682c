from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from waldur_agent.config import Config, ConfigError, load
from waldur_agent.registry import Registry

BASE = """\
offerings:
  - name: Ocean
    waldur_api_url: https://waldur.example.org/api/
    waldur_api_token: 5ecre7
    waldur_offering_uuid: 0a1b2c3d4e5f60718293a4b5c6d7e8f9
    backend_type: slurm
    backend_settings:
      default_account: root
      customer_prefix: c_
      homedir_umask: "0077"
    backend_components:
      cpu:
        measured_unit: k-Hours
        unit_factor: 60000
        accounting_type: usage
        label: CPU
        limit: 10
timezone: UTC
"""
"""A good configuration; tests replace lines of it by number."""

Changes = Mapping[int, str]
Load = Callable[..., Config]
LoadChanged = Callable[[Changes], Config]
Refusal = Callable[..., list[str]]


def changed(changes: Changes) -> str:
    lines = [changes.get(number, line) for number, line in enumerate(BASE.splitlines(), start=1)]
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="session")
def registry() -> Registry:
    """The plugins of this project, whatever else is installed."""
    installed = Registry.discover()
    return Registry.of(*(installed.get(name) for name in ("base", "homedirs", "moab", "sandbox", "slurm")))


@pytest.fixture
def base() -> str:
    """A good configuration."""
    return BASE


@pytest.fixture
def load_text(tmp_path: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Load a text as the file ``c.yaml`` of the current directory."""
    monkeypatch.chdir(tmp_path)

    def loaded(
        text: str | bytes, *, environ: Mapping[str, str] | None = None, plugins: Registry = registry
    ) -> Config:
        Path("c.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
        return load(Path("c.yaml"), registry=plugins, environ=environ or {})

    return loaded


@pytest.fixture
def load_changed(load_text: Load) -> LoadChanged:
    """Load the good configuration with some lines replaced."""
    return lambda changes: load_text(changed(changes))


@pytest.fixture
def refusal(load_text: Load) -> Refusal:
    """What is said of a text, or of the good configuration with some lines replaced: one item a line."""

    def lines(given: str | bytes | Changes, **options: object) -> list[str]:
        text = given if isinstance(given, str | bytes) else changed(given)
        with pytest.raises(ConfigError) as caught:
            load_text(text, **options)
        assert len(caught.value.problems) == len(str(caught.value).splitlines())
        return str(caught.value).splitlines()

    return lines
