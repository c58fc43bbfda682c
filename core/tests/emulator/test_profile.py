from __future__ import annotations

from waldur_agent.emulator.profile import ALL_PERMISSIONS, TODAY
from waldur_agent.emulator.profiles import PROFILES


def test_profiles_are_named_as_they_call_themselves() -> None:
    assert {name: profile.name for name, profile in PROFILES.items()} == {"today": "today", "2024": "2024"}


def test_owner_may_do_all_that_others_may() -> None:
    assert TODAY.permissions["CUSTOMER.OWNER"] == ALL_PERMISSIONS
    assert all(permissions <= ALL_PERMISSIONS for permissions in TODAY.permissions.values())
    assert not any("ORDER.APPROVE" in TODAY.permissions[name] for name in ("OFFERING.MANAGER", "CUSTOMER.MANAGER"))
