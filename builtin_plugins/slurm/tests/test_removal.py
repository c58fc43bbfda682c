"""Commands that delete accounts, tried on a model of slurmdbd that refuses what the real one was seen to refuse."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from waldur_agent_slurm.accounting import Membership
from waldur_agent_slurm.removal import removal_commands

ACCOUNTS = ["d1", "d2", "d3", "k1", "k2", "root"]
DOOMED = {"d1", "d2", "d3"}
Key = tuple[str, str, str]  # user, account, partition


class RefusedError(Exception):
    """slurmdbd would not do this."""


@dataclass
class Model:
    """Associations of users, and which of them are default; users with rights; how slurmdbd changes them."""

    default: dict[Key, bool]
    users: set[str]

    def run(self, command: list[str]) -> None:
        values = dict(part.split("=", 1) for part in command if "=" in part)
        names = set(values["name"].split(","))
        assert values["cluster"] == "test"
        match command[:2]:
            case ["modify", "user"]:
                self._set_default(names, values["DefaultAccount"])
            case ["add", "user"]:
                for name in names:
                    self.default[name, values["account"], ""] = not any(key[0] == name for key in self.default)
            case ["delete", "user"]:
                self._delete(
                    {key for key in self.default if key[0] in names and key[1] in values["account"].split(",")}
                )
                self.users -= {name for name in names if not any(key[0] == name for key in self.default)}
            case ["delete", "account"]:
                self._delete({key for key in self.default if key[1] in names})
            case _:
                raise AssertionError(command)

    def _set_default(self, names: set[str], account: str) -> None:
        for name in names:
            if not any(key[:2] == (name, account) for key in self.default):
                raise RefusedError("Can't modify because these users aren't associated")
            for key in self.default:
                if key[0] == name:
                    self.default[key] = key[1] == account

    def _delete(self, keys: set[Key]) -> None:
        # One association that is no default is enough for slurmdbd to refuse the defaults that come with it,
        # whoever's they are; and the order in which it looks at them is its own.
        if len({self.default[key] for key in keys}) > 1:
            raise RefusedError("You can not remove the default account of a user")
        for key in keys:
            del self.default[key]


@st.composite
def memberships(draw: st.DrawFn) -> list[Membership]:
    found: list[Membership] = []
    for number in range(draw(st.integers(0, 5))):
        accounts = draw(st.sets(st.sampled_from(ACCOUNTS), min_size=1))
        default = draw(st.sampled_from([*sorted(accounts), ""]))
        admin = draw(st.booleans())
        for account in sorted(accounts):
            partitions = draw(st.sampled_from([[""], ["debug"], ["", "debug"], ["debug", "long"]]))
            found += [Membership(account, f"u{number}", partition, default, admin) for partition in partitions]
    return found


def _model(found: list[Membership]) -> Model:
    default: dict[Key, bool] = {}
    for one in found:
        # Of several associations with one account only the first is default, until the default is set anew.
        first = not any(key[:2] == (one.user, one.account) for key in default)
        default[one.user, one.account, one.partition] = first and one.account == one.default_account
    return Model(default, {one.user for one in found})


@settings(max_examples=300)
@given(memberships(), st.sets(st.sampled_from(sorted(DOOMED)), min_size=1))
def test_slurmdbd_takes_every_command_and_only_the_doomed_accounts_go(
    found: list[Membership], doomed: set[str]
) -> None:
    model = _model(found)
    kept = {key for key in model.default if key[1] not in doomed}
    had_default = {one.user for one in found if one.default_account}
    for command in removal_commands("test", doomed, found):
        model.run(command)
    assert set(model.default) == kept
    for user in {key[0] for key in kept} & had_default:
        assert any(is_default for key, is_default in model.default.items() if key[0] == user), (
            f"{user} has no default"
        )
    assert {one.user for one in found if one.admin} <= model.users, "a user lost rights in slurmdbd"
    assert {key[0] for key in kept} <= model.users


@pytest.mark.parametrize("members", [3, 150])
def test_the_number_of_commands_does_not_grow_with_the_accounts(members: int) -> None:
    doomed = {f"d{number:02}" for number in range(50)}
    found = [
        Membership(account, f"u{number}", "", f"d{number % 50:02}", admin=False)
        for number in range(members)
        for account in doomed
    ]
    assert len(removal_commands("test", doomed, found)) == 4


def test_who_keeps_an_account_gets_that_as_default_and_root_only_without_another() -> None:
    found = [
        Membership("d1", "alice", "", "d1", admin=False),
        Membership("k1", "alice", "", "d1", admin=False),
        Membership("root", "alice", "", "d1", admin=False),
        Membership("d1", "bob", "", "d1", admin=False),
        Membership("root", "bob", "", "d1", admin=False),
    ]
    moves = [command for command in removal_commands("test", {"d1"}, found) if command[0] == "modify"]
    assert moves == [
        ["modify", "user", "where", "name=alice", "cluster=test", "set", "DefaultAccount=k1"],
        ["modify", "user", "where", "name=bob", "cluster=test", "set", "DefaultAccount=root"],
    ]


def test_names_that_are_not_fit_for_a_command_are_in_none() -> None:
    found = [
        Membership("d1", "x[1-3]", "", "d1", admin=False),
        Membership("d1", "alice", "", "d1", admin=False),
        Membership("k 1", "alice", "", "d1", admin=False),
        Membership("k2", "alice", "", "d1", admin=False),
    ]
    said = " ".join(" ".join(command) for command in removal_commands("test", {"d1"}, found))
    assert "x[1-3]" not in said
    assert "k 1" not in said
    assert "DefaultAccount=k2" in said


def test_an_account_without_members_costs_one_command() -> None:
    assert removal_commands("test", {"d1"}, []) == [["delete", "account", "where", "name=d1", "cluster=test"]]
