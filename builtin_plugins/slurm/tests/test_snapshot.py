"""One read of all associations."""

from __future__ import annotations

from decimal import Decimal

import pytest
from waldur_agent_hookspecs import NotReady
from waldur_agent_slurm.parser import UnreadableError
from waldur_agent_slurm.snapshot import COLUMNS, read_snapshot

ROOT_ROW = "test|root|||||normal|\n"
ACCOUNT = "test|a_x|||p_x|cpu=100,mem=1.50G|normal,long|\n"


def test_accounts_members_and_children_are_told_apart() -> None:
    found = read_snapshot(ROOT_ROW + "test|root|root||||normal|\n" + ACCOUNT + "test|a_x|alice|||cpu=5||\n", "")
    assert found.cluster == "test"
    assert found.accounts["a_x"].parent == "p_x"
    assert found.accounts["a_x"].limits == {"cpu": 100, "mem": Decimal(1536)}
    assert found.accounts["a_x"].qos == ("normal", "long")
    assert found.member_limits("a_x") == {"alice": {"cpu": 5}}
    assert found.children["p_x"] == {"a_x"}


def test_an_association_with_a_partition_makes_a_member_but_its_limits_count_last() -> None:
    rows = ["test|a_x|bob|debug||cpu=1||\n", "test|a_x|alice|debug||cpu=1||\n", "test|a_x|alice|||cpu=2||\n"]
    for order in (rows, rows[::-1]):
        found = read_snapshot(ROOT_ROW + ACCOUNT + "".join(order), "")
        assert found.member_limits("a_x") == {"alice": {"cpu": 2}, "bob": {"cpu": 1}}


@pytest.mark.parametrize(
    "text",
    ["", "\n", ACCOUNT, ROOT_ROW[:-1], ROOT_ROW + ACCOUNT[:-1], ROOT_ROW + "test|a_x\n", "garbage\n", "<html>\n"],
)
def test_an_answer_that_may_not_be_whole_is_no_cluster(text: str) -> None:
    with pytest.raises(UnreadableError):
        read_snapshot(text, "")


def test_an_answer_about_another_cluster_is_no_cluster() -> None:
    with pytest.raises(UnreadableError, match="'root' of cluster 'other'"):
        read_snapshot(ROOT_ROW, "other")


def test_of_several_clusters_one_must_be_named() -> None:
    both = ROOT_ROW + ACCOUNT + ROOT_ROW.replace("test", "other")
    with pytest.raises(NotReady, match=r"other, test; set cluster_name"):
        read_snapshot(both, "")
    assert set(read_snapshot(both, "other").accounts) == {"root"}
    assert set(read_snapshot(both, "test").accounts) == {"root", "a_x"}


def test_a_foreign_limit_of_an_unknown_form_hurts_only_who_asks_for_it() -> None:
    found = read_snapshot(ROOT_ROW + ACCOUNT + "test|foreign|||root|mem=8?|normal|\n", "")
    assert found.accounts["a_x"].limits
    with pytest.raises(NotReady, match="account foreign"):
        _ = found.accounts["foreign"].limits


def test_a_name_with_the_separator_in_it_keeps_what_it_mentions_from_looking_empty() -> None:
    project = "test|p_x|||c_x||normal|\n"
    assert read_snapshot(ROOT_ROW + project, "").is_empty("p_x")
    found = read_snapshot(ROOT_ROW + project + "test|pipe|x|||p_x||normal|\n", "")
    assert set(found.accounts) == {"root", "p_x"}
    assert not found.is_empty("p_x")
    assert "'|'" in found.below("p_x")


def test_an_account_is_empty_only_when_nothing_hangs_below_it_and_it_is_there() -> None:
    found = read_snapshot(ROOT_ROW + "test|p_x|||c_x||normal|\n" + ACCOUNT, "")
    assert not found.is_empty("p_x")
    assert "a_x" in found.below("p_x")
    assert found.without({"a_x"}).is_empty("p_x")
    assert not found.is_empty("never_seen")
    with_user = read_snapshot(ROOT_ROW + "test|p_x|||c_x||normal|\ntest|p_x|alice|||||\n", "")
    assert not with_user.is_empty("p_x")


def test_the_columns_are_those_that_the_rows_of_this_test_have() -> None:
    assert len(COLUMNS) == ACCOUNT.count("|") + 1
