"""The plugin that ``--backend-conformance`` names."""

from __future__ import annotations

import importlib
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from waldur_agent_hookspecs import ENTRY_POINT_GROUP


class LoadingError(Exception):
    """There is no such class; says why."""


def load_class(name: str, directory: Path) -> type[Any]:
    """The class of ``module:Class``, or of an installed plugin's name.

    Args:
        name: As it was given.
        directory: Where modules are looked for besides the installed ones: where pytest was started.

    Raises:
        LoadingError: with the reason.
    """
    if str(directory) not in sys.path:
        sys.path.insert(0, str(directory))
    module, _, attribute = name.partition(":")
    try:
        found = _attribute(module, attribute) if attribute else _installed(module)
    except (ImportError, AttributeError) as error:
        raise LoadingError(f"{name} cannot be loaded: {type(error).__name__}: {error}") from error
    if not isinstance(found, type):
        raise LoadingError(f"{name} is not a class but {found!r}")
    return found


def _attribute(module: str, attribute: str) -> object:
    found: object = importlib.import_module(module)
    for part in attribute.split("."):
        found = getattr(found, part)
    return found


def _installed(name: str) -> object:
    points = {point.name: point for point in entry_points(group=ENTRY_POINT_GROUP)}
    if name not in points:
        known = ", ".join(sorted(points)) or "none"
        raise LoadingError(f"{name!r} is neither module:Class nor an installed plugin ({known})")
    return points[name].load()
