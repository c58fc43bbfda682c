from __future__ import annotations

import pytest
from waldur_agent.planning.members import LEAVING, LocalAccount, wanted_members


def account(user: str, name: str, *, restricted: bool = False, state: str = "") -> LocalAccount:
    return LocalAccount(user, name, f"Dr {user}", restricted, state)


def test_members_are_the_team_with_a_local_name() -> None:
    known, complaints = wanted_members(["u1", "u2", "u3"], [account("u1", "jane"), account("u4", "other")])
    assert list(known.members) == ["jane"]
    assert (known.members["jane"].user_uuid, known.members["jane"].full_name) == ("u1", "Dr u1")
    assert complaints == []


@pytest.mark.parametrize(
    "left_out",
    [account("u1", ""), account("u1", "jane", restricted=True)]
    + [account("u1", "jane", state=state) for state in sorted(LEAVING)],
)
def test_nameless_restricted_and_leaving_persons_are_left_out(left_out: LocalAccount) -> None:
    known, complaints = wanted_members(["u1"], [left_out])
    assert dict(known.members) == {}
    assert complaints == []


@pytest.mark.parametrize("name", ["-rf", "a b", "a,b", "a=b", "a|b", "x\ny", "ünï", "a/b", "*", "9lives", "a" * 256])
def test_names_that_no_command_should_see_are_complained_about(name: str) -> None:
    known, complaints = wanted_members(["u1", "u2"], [account("u1", name), account("u2", "fine")])
    assert list(known.members) == ["fine"]
    assert len(complaints) == 1
    assert repr(name) in complaints[0]


@pytest.mark.parametrize("name", ["jdoe", "j.doe-2_x", "Jane", "jane@example.org", "_svc"])
def test_names_as_sites_have_them_are_taken(name: str) -> None:
    assert list(wanted_members(["u1"], [account("u1", name)])[0].members) == [name]
