"""Load files: order, size and text."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from waldur_agent_slurm.loadfile import (
    MAX_ACCOUNTS,
    MAX_MEMBERS,
    AccountEntry,
    Entry,
    MemberEntry,
    chunks,
    in_order,
    load_file,
    tres_text,
)

NAMES = st.from_regex(r"[a-z][a-z0-9]{0,3}", fullmatch=True)


def test_the_text_is_what_sacctmgr_load_reads() -> None:
    entries: list[Entry] = [
        AccountEntry("p", "c", "Project (waldur 1)", "c"),
        AccountEntry("a", "p", "Allocation (waldur 2)", "p", {"mem": Decimal(1536), "cpu": Decimal("6E+3")}),
        AccountEntry("b", "p", limits={"cpu": Decimal(0)}, new=False),
        MemberEntry("alice", "a"),
    ]
    assert load_file("test", entries).text.splitlines() == [
        "Cluster - 'test'",
        "Parent - 'c'",
        "Account - 'p':Description='Project (waldur 1)':Organization='c'",
        "Parent - 'p'",
        "Account - 'a':Description='Allocation (waldur 2)':Organization='p':GrpTRESMins='cpu=6000,mem=1536'",
        "Account - 'b':GrpTRESMins='cpu=0'",
        "Parent - 'a'",
        "User - 'alice'",
    ]


@given(st.lists(st.tuples(NAMES, NAMES), unique_by=lambda pair: pair[0]))
def test_every_line_is_known_by_its_number_and_stands_below_its_parent(pairs: list[tuple[str, str]]) -> None:
    entries = [MemberEntry(user, account) for user, account in pairs]
    written = load_file("test", entries)
    lines = written.text.splitlines()
    assert list(written.entries.values()) == entries
    for number, entry in written.entries.items():
        above = [line for line in lines[: number - 1] if line.startswith("Parent")]
        assert lines[number - 1] == f"User - '{entry.key.split()[0]}'"
        assert above[-1] == f"Parent - '{entry.parent}'"


@given(
    st.permutations([("c", "root"), ("p", "c"), ("q", "c"), ("a", "p"), ("b", "q"), ("z", "p"), ("d", "elsewhere")])
)
def test_accounts_come_after_their_parents_and_before_members(accounts: list[tuple[str, str]]) -> None:
    members = [MemberEntry("u", "a"), MemberEntry("u", "b")]
    ordered = in_order([AccountEntry(name, parent) for name, parent in accounts], members)
    seen: set[str] = {"root", "elsewhere"}
    for entry in ordered:
        assert entry.parent in seen
        if isinstance(entry, AccountEntry):
            seen.add(entry.name)
    assert ordered[-2:] == members


def test_a_file_is_never_large_enough_to_lock_slurmdbd_for_long() -> None:
    accounts = [AccountEntry(f"a{number}", "p") for number in range(250)]
    members = [MemberEntry(f"u{number}", "a1") for number in range(3200)]
    files = list(chunks([*accounts, *members]))
    assert [entry for file in files for entry in file] == [*accounts, *members]
    for file in files:
        assert sum(isinstance(entry, AccountEntry) for entry in file) <= MAX_ACCOUNTS
        assert sum(isinstance(entry, MemberEntry) for entry in file) <= MAX_MEMBERS
    assert len(files) == 5


@given(st.dictionaries(NAMES, st.integers(0, 10**15).map(Decimal)))
def test_limits_are_written_as_whole_numbers(limits: dict[str, Decimal]) -> None:
    text = tres_text(limits)
    assert not set(text) & set(".E+ ")
    assert text.count("=") == len(limits)
