from __future__ import annotations

import grp
import pwd

import pytest
from waldur_agent_usernames.system_names import OperatingSystem, is_free, is_service_account

NOT_THERE = "nobody-is-called-so"


def test_the_systems_own_users_and_groups_are_found() -> None:
    system = OperatingSystem()
    assert system.uid("root") == pwd.getpwnam("root").pw_uid
    assert system.is_group(grp.getgrgid(0).gr_name)


def test_a_name_that_nobody_has_is_free() -> None:
    system = OperatingSystem()
    assert system.uid(NOT_THERE) is None
    assert not system.is_group(NOT_THERE)
    assert is_free(NOT_THERE, system)
    assert not is_service_account(NOT_THERE, system)


@pytest.mark.parametrize("name", ["root", "nobody"])
def test_accounts_of_the_system_are_nobodys_own(name: str) -> None:
    assert is_service_account(name, OperatingSystem())
    assert not is_free(name, OperatingSystem())
