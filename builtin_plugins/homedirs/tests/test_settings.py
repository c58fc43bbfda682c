from __future__ import annotations

import pytest
from pydantic import ValidationError
from waldur_agent_homedirs.settings import HomedirsSettings


def test_without_keys_homes_are_made_for_their_owners_only() -> None:
    settings = HomedirsSettings()
    assert settings.enable_user_homedir_account_creation
    assert settings.umask == "0077"


@pytest.mark.parametrize("key", ["homedir_umask", "default_homedir_umask"])
@pytest.mark.parametrize(("given", "used"), [("0027", "0027"), ("022", "0022"), ("000", "0000")])
def test_either_key_gives_the_umask(key: str, given: str, used: str) -> None:
    assert HomedirsSettings.model_validate({key: given}).umask == used


@pytest.mark.parametrize("given", ["0700", "700"])
def test_the_umask_of_the_first_agents_is_replaced_with_a_warning(given: str) -> None:
    with pytest.warns(UserWarning, match=r"^homedir_umask is 0700, which would lock owners out .*; 0077 is used$"):
        settings = HomedirsSettings.model_validate({"homedir_umask": given})
    assert settings.umask == "0077"


@pytest.mark.parametrize("given", ["177", "0277", "0400", "0755", "777", "0722"])
def test_no_umask_takes_rights_of_the_owner(given: str) -> None:
    with pytest.raises(ValidationError, match="takes rights of the owner"):
        HomedirsSettings.model_validate({"homedir_umask": given})


@pytest.mark.parametrize("given", ["", "77", "0088", "00077", "1077", "u=rwx", " 077", 77, 63])
def test_what_is_no_umask_is_refused(given: object) -> None:
    with pytest.raises(ValidationError):
        HomedirsSettings.model_validate({"homedir_umask": given})


def test_two_umasks_that_agree_are_one() -> None:
    settings = HomedirsSettings.model_validate({"homedir_umask": "027", "default_homedir_umask": "0027"})
    assert settings.umask == "0027"


def test_two_umasks_that_differ_are_refused() -> None:
    with pytest.raises(ValidationError, match="two names of one thing and differ"):
        HomedirsSettings.model_validate({"homedir_umask": "027", "default_homedir_umask": "077"})
