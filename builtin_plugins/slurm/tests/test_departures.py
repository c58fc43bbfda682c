from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st
from waldur_agent_slurm.accounting import Membership
from waldur_agent_slurm.departures import departure_commands

Pair = tuple[str, str]


def memberships(pairs: Iterable[Pair], defaults: dict[str, str]) -> list[Membership]:
    return [Membership(account, user, "", defaults.get(user, ""), False) for account, user in sorted(pairs)]


def run(there: set[Pair], defaults: dict[str, str], commands: list[list[str]]) -> set[Pair]:
    """What slurmdbd would do with the commands; it refuses what removes a default together with anything else."""
    left, current = set(there), dict(defaults)
    for command in commands:
        words = dict(word.split("=", 1) for word in command if "=" in word)
        users = set(words["name"].split(","))
        assert words["cluster"] == "test"
        if command[0] == "modify":
            for user in users:
                assert (words["DefaultAccount"], user) in left
                current[user] = words["DefaultAccount"]
            continue
        assert command[:2] == ["delete", "user"]
        gone = {(account, user) for account, user in left if user in users and account in words["account"].split(",")}
        hits_default = {user for account, user in gone if current.get(user) == account}
        assert not hits_default or len(gone) == len({user for _, user in gone}) == len(hits_default)
        left -= gone
    return left


def test_one_who_keeps_other_accounts_gets_one_of_them_as_default() -> None:
    there = {("a", "jane"), ("b", "jane"), ("root", "jane")}
    commands = departure_commands("test", {("a", "jane")}, memberships(there, {"jane": "a"}))
    assert commands == [
        ["modify", "user", "where", "name=jane", "cluster=test", "set", "DefaultAccount=b"],
        ["delete", "user", "where", "name=jane", "account=a", "cluster=test"],
    ]


def test_two_hundred_who_leave_the_same_account_go_together() -> None:
    users = [f"u{number:03}" for number in range(200)]
    pairs = {("a", user) for user in users}
    assert len(departure_commands("test", pairs, memberships(pairs, dict.fromkeys(users, "a")))) == 1


def test_who_is_not_there_costs_nothing() -> None:
    assert departure_commands("test", {("a", "jane")}, memberships({("b", "jane")}, {"jane": "b"})) == []


accounts, users = st.sampled_from(["a", "b", "c", "d"]), st.sampled_from(["jane", "joe", "ann", "bob"])
pairs = st.sets(st.tuples(accounts, users))


@given(there=pairs, asked=pairs, choice=st.randoms(use_true_random=False))
def test_just_those_associations_go_and_slurmdbd_takes_every_command(
    there: set[Pair], asked: set[Pair], choice: object
) -> None:
    defaults = {}
    for user in {name for _, name in there}:
        mine = sorted(account for account, name in there if name == user)
        defaults[user] = choice.choice([*mine, ""])  # type: ignore[attr-defined] # a random.Random
    commands = departure_commands("test", asked & there, memberships(there, defaults))
    assert run(there, defaults, commands) == there - asked
