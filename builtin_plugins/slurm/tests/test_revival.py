"""Accounts that slurmdbd had before."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from services.slurm_fixtures import RealSlurm
from services.slurm_plans import create, delete, ends, make_ref, order
from waldur_agent_slurm.backend import SlurmPlugin
from waldur_agent_slurm.loadfile import AccountEntry, MemberEntry, chunks, in_order
from waldur_agent_slurm.revival import mark_moved

PROJECTS = 3
TREE = "select acct,user,parent_acct,lft,rgt from"


def test_an_account_that_was_elsewhere_is_loaded_apart_from_new_ones() -> None:
    entries = [
        AccountEntry("p", "c"),
        AccountEntry("old", "p"),
        AccountEntry("fresh", "p"),
        AccountEntry("same", "p"),
    ]
    marked = mark_moved(entries, lambda names: {"old": "elsewhere", "same": "p"})
    files = list(chunks(in_order(marked, [MemberEntry("alice", "old")])))
    assert [[entry.key for entry in file] for file in files] == [["p", "fresh", "same"], ["old"], ["alice in old"]]


def test_without_new_accounts_nothing_is_asked() -> None:
    def never(names: Collection[str]) -> Mapping[str, str]:
        raise AssertionError(names)

    entry = AccountEntry("a", "p", new=False)
    assert mark_moved([entry], never) == [entry]


def _overlaps(slurm: RealSlurm) -> list[str]:
    """Rows of slurmdbd's tree whose numbers are not within those of their parent, or are not their own."""
    rows = [row.split("\t") for row in slurm.sql(f"{TREE} {slurm.association_table} where deleted=0").splitlines()]
    ranges = {row[0]: (int(row[3]), int(row[4])) for row in rows if not row[1]}
    lefts = [row[3] for row in rows]
    wrong = [row[0] for row in rows if lefts.count(row[3]) > 1]
    for account, user, parent, left, _ in rows:
        first, last = ranges.get(account if user else parent, (0, 10**9))
        if not first < int(left) < last:
            wrong.append(f"{account}/{user}")
    return wrong


def test_revived_under_other_projects_together_with_new_ones_nobody_is_hurt(
    slurm: RealSlurm, plugin: SlurmPlugin
) -> None:
    # slurmdbd keeps the rows of accounts in which jobs ran.
    slurm.load(
        "Parent - 'root'", "Account - 'before'", "Parent - 'before'", *(f"Account - 'a_r{n}'" for n in range(3))
    )
    slurm.sacctmgr("add", "user", "root", "account=a_r0,a_r1,a_r2")
    for number in range(PROJECTS):
        slurm.wait_until_running(slurm.submit(f"a_r{number}"))
    slurm.clean()
    refs = [make_ref(f"r{number}", project=f"p{number}") for number in range(PROJECTS)]
    new = [make_ref(f"n{number}", project=f"p{number}") for number in range(PROJECTS)]
    changes = [change for ref in [*refs, *new] for change in order(ref, "alice", "root", cpu=5)]
    assert set(ends(plugin.apply_changes(changes))) == {"done"}
    assert _overlaps(slurm) == []
    made = slurm.accounts()
    assert set(ends(plugin.apply_changes([delete(ref) for ref in (refs[0], new[0], refs[1])]))) == {"done"}
    assert set(made) - set(slurm.accounts()) == {"a_r0", "a_n0", "p_p0", "a_r1"}
    assert set(slurm.members()) == {"a_n1", "a_r2", "a_n2"}


def test_in_a_damaged_tree_nothing_is_deleted_that_would_take_others_along(
    slurm: RealSlurm, plugin: SlurmPlugin
) -> None:
    bad, good = make_ref("bad", project="bad"), make_ref("good", project="good")
    assert set(ends(plugin.apply_changes([create(bad), create(good)]))) == {"done"}
    slurm.load("Parent - 'root'", "Account - 'victim'")
    table = slurm.association_table
    (left,) = slurm.sql(f"select lft from {table} where acct='a_bad'").split()  # noqa: S608 - names of our own
    slurm.sql(f"update {table} set lft={left} where acct='victim'")  # noqa: S608
    try:
        outcomes = plugin.apply_changes([delete(bad), delete(good)])
    finally:
        slurm.sql(f"update {table} set lft=rgt-1 where acct='victim'")  # noqa: S608
    assert [str(outcome.status) for outcome in outcomes] == ["held", "done"]
    assert "would delete victim as well" in outcomes[0].text
    assert {"a_bad", "victim"} <= set(slurm.accounts())
