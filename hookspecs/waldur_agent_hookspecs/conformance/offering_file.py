"""The file of ``--backend-settings``: the plugin's keys, alone or in an offering as in the agent's configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from waldur_agent_hookspecs import Component

from .bench import COMPONENTS

_SETTINGS = ("backend_settings", "settings")
_COMPONENTS = ("backend_components", "components")


class OfferingFileError(Exception):
    """The file cannot be used; says why."""


@dataclass(frozen=True, slots=True)
class Offering:
    """What the file says."""

    settings: Mapping[str, object]
    components: Mapping[str, Component]
    timezone: str = "UTC"


def read_offering(path: Path | None) -> Offering:
    """Read the file; without one there are no settings.

    Raises:
        OfferingFileError: it is not there, no YAML, or not a mapping.
    """
    if path is None:
        return Offering({}, COMPONENTS)
    document = _read(path)
    wrapped = next((key for key in _SETTINGS if isinstance(document.get(key), Mapping)), None)
    if wrapped is None:
        return Offering(document, COMPONENTS)
    components = next((document[key] for key in _COMPONENTS if key in document), None)
    return Offering(
        document[wrapped],
        COMPONENTS if components is None else {name: _component(name, one) for name, one in components.items()},
        str(document.get("timezone", "UTC")),
    )


def filled_in(value: Any, directory: Path) -> Any:
    """The value with every ``{tmp}`` in it replaced by the directory."""
    if isinstance(value, str):
        return value.replace("{tmp}", str(directory))
    if isinstance(value, Mapping):
        return {key: filled_in(one, directory) for key, one in value.items()}
    if isinstance(value, list):
        return [filled_in(one, directory) for one in value]
    return value


def _read(path: Path) -> dict[str, Any]:
    # Only here: whoever writes a suite of their own needs no YAML.
    try:
        import yaml  # noqa: PLC0415
    except ImportError as error:
        raise OfferingFileError("PyYAML is missing: pip install 'waldur-agent-hookspecs[conformance]'") from error
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise OfferingFileError(f"--backend-settings {path} cannot be read: {error}") from error
    if not isinstance(document, dict):
        raise OfferingFileError(f"--backend-settings {path} must hold the plugin's keys, not {document!r}")
    return document


def _component(name: str, given: Mapping[str, Any]) -> Component:
    limit = given.get("limit")
    return Component(
        type=name,
        accounting_type=str(given.get("accounting_type", "usage")),
        unit_factor=Decimal(str(given.get("unit_factor", 1))),
        measured_unit=str(given.get("measured_unit", "")),
        label=str(given.get("label", name)),
        limit=None if limit is None else Decimal(str(limit)),
    )
