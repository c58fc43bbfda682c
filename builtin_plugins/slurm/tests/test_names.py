"""Names that reach a command, and names that do not."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.slurm_plans import make_ref
from waldur_agent_hookspecs import AccountRef, NamePolicy, Party
from waldur_agent_slurm.names import (
    MAX_ACCOUNT_NAME,
    MAX_USER_NAME,
    AccountNames,
    BadNameError,
    NoSlugError,
    account_names,
    user_name,
)
from waldur_agent_slurm.settings import SlurmSettings

SETTINGS = SlurmSettings(customer_prefix="c_", project_prefix="p_", allocation_prefix="A_")
REF = AccountRef("0" * 32, "", "slug", "Name", Party("1" * 32, "project"), Party("2" * 32, "customer"))


def test_the_three_accounts_are_named_after_the_slugs_in_lower_case() -> None:
    names = account_names(make_ref("Climate-2026", project="Ocean", customer="Example.Uni"), SETTINGS)
    assert names == AccountNames("c_example.uni", "p_ocean", ("a_climate-2026",))


def test_an_account_named_after_its_project_has_ten_candidates() -> None:
    names = account_names(make_ref(name_policy=NamePolicy.PROJECT_SLUG), SETTINGS)
    assert names.allocations[:3] == ("a_ocean", "a_ocean-0", "a_ocean-1")
    assert len(names.allocations) == 10


@pytest.mark.parametrize("what", ["slug", "project", "customer"])
def test_a_missing_slug_never_makes_an_account_that_is_named_like_the_prefix(what: str) -> None:
    ref = make_ref("") if what == "slug" else make_ref(**{what: " "})
    with pytest.raises(NoSlugError):
        account_names(ref, SETTINGS)


@given(st.text(min_size=1).filter(str.strip))
def test_no_slug_makes_a_name_that_sacctmgr_could_take_for_something_else(slug: str) -> None:
    try:
        (name,) = account_names(replace(REF, slug=slug), SETTINGS).allocations
    except BadNameError:
        return
    assert re.fullmatch(r"[a-z0-9][a-z0-9_.-]*", name, re.ASCII)
    assert len(name) <= MAX_ACCOUNT_NAME
    assert name == "a_" + slug.lower()


@pytest.mark.parametrize("slug", ["x[1-3]", "a=b", "a,b", "a b", "ünï", "a|b", "a'b", 'a"b', "a/b", "x" * 200, "a\n"])
def test_characters_that_sacctmgr_takes_for_something_else_are_refused(slug: str) -> None:
    with pytest.raises(BadNameError, match="made from the slug of the resource"):
        account_names(replace(REF, slug=slug), SETTINGS)


def test_a_slug_cannot_make_an_option() -> None:
    with pytest.raises(BadNameError):
        account_names(replace(REF, slug="-rf"), SlurmSettings())


def test_the_counter_of_a_candidate_has_room_as_well() -> None:
    long = replace(REF, project=Party("1" * 32, "x" * (MAX_ACCOUNT_NAME - 3)), name_policy=NamePolicy.PROJECT_SLUG)
    with pytest.raises(BadNameError):
        account_names(long, SETTINGS)


@given(st.text())
def test_no_user_name_can_be_taken_for_something_else(name: str) -> None:
    try:
        folded = user_name(name)
    except BadNameError:
        return
    assert re.fullmatch(r"[a-z_][a-z0-9_.@-]*", folded, re.ASCII)
    assert len(folded) <= MAX_USER_NAME


@pytest.mark.parametrize("name", ["", "-u", "1alice", "al ice", "alice,bob", "x[1-3]", "alice'", "ålice", "root\n"])
def test_bad_user_names_are_refused(name: str) -> None:
    with pytest.raises(BadNameError):
        user_name(name)


def test_user_names_are_folded_as_slurm_folds_them() -> None:
    assert user_name("Weird.User-1_x@Example.org") == "weird.user-1_x@example.org"
