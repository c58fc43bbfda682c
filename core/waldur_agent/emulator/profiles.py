"""All profiles, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from .profile import TODAY, Profile
from .profile_2024 import OF_2024

PROFILES: Final[Mapping[str, Profile]] = MappingProxyType({profile.name: profile for profile in (TODAY, OF_2024)})
