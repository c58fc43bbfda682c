"""The names by which core and plugins find each other."""

from __future__ import annotations

from typing import Final

import pluggy

PROJECT: Final = "waldur_agent"
"""The pluggy project name: markers of another name are not ours."""

ENTRY_POINT_GROUP: Final = "waldur_agent.plugins"
"""The setuptools entry-point group in which a plugin's class is registered."""

API_VERSION: Final = 1
"""The version of this contract. A plugin class states the one that it was written for (``api_version``)."""

SUPPORTED_API_VERSIONS: Final = frozenset({1})
"""The contract versions that this release still understands."""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)
