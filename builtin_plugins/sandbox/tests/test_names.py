from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from waldur_agent_hookspecs import AccountRef, BackendError, NamePolicy, NotReady, Party
from waldur_agent_sandbox import SandboxSettings, names


def test_a_name_is_the_prefix_and_the_slug_in_lower_case(settings: SandboxSettings, ref: AccountRef) -> None:
    assert names.customer_name(settings, ref) == "c_example-uni"
    assert names.project_name(settings, ref) == "p_ocean"
    assert names.allocation_names(settings, replace(ref, slug="Climate-2026")) == ("a_climate-2026",)


def test_the_id_that_waldur_carries_wins(settings: SandboxSettings, ref: AccountRef) -> None:
    assert names.allocation_names(settings, replace(ref, slug="", backend_id="a_old")) == ("a_old",)


def test_named_by_project_there_are_ten_names(settings: SandboxSettings, ref: AccountRef) -> None:
    found = names.allocation_names(settings, replace(ref, name_policy=NamePolicy.PROJECT_SLUG))
    assert found == ("a_ocean", *(f"a_ocean-{number}" for number in range(9)))


def test_named_by_project_without_prefixes_the_project_keeps_its_name(ref: AccountRef) -> None:
    found = names.allocation_names(
        SandboxSettings(database=Path("x")), replace(ref, name_policy=NamePolicy.PROJECT_SLUG)
    )
    assert found[0] == "ocean-0"
    assert "ocean" not in found


@pytest.mark.parametrize("missing", ["slug", "project", "customer"])
def test_without_a_slug_there_is_no_name_yet(settings: SandboxSettings, ref: AccountRef, missing: str) -> None:
    without = replace(
        ref,
        slug="" if missing == "slug" else ref.slug,
        project=Party("u", "") if missing == "project" else ref.project,
        customer=Party("u", "") if missing == "customer" else ref.customer,
    )
    with pytest.raises(NotReady, match="tells no slug"):
        names.allocation_names(settings, without)


@pytest.mark.parametrize("slug", ["two words", "a|b", "ünï", "x\n", "x" * 59])
def test_an_impossible_slug_is_refused_with_the_name(settings: SandboxSettings, ref: AccountRef, slug: str) -> None:
    with pytest.raises(BackendError, match="cannot be an account's name"):
        names.allocation_names(settings, replace(ref, slug=slug))


@pytest.mark.parametrize(
    ("resource", "project", "customer", "whose"),
    [
        ("same", "same", "uni", "the resource's and a parent's"),
        ("same", "ocean", "same", "the resource's and a parent's"),
        ("climate", "same", "same", "the customer's and the project's"),
    ],
)
def test_levels_that_would_share_a_name_are_refused(
    ref: AccountRef, resource: str, project: str, customer: str, whose: str
) -> None:
    clash = replace(ref, slug=resource, project=Party("p", project), customer=Party("c", customer))
    with pytest.raises(BackendError, match=f"{whose} account would both be named 'same'"):
        names.allocation_names(SandboxSettings(database=Path("x")), clash)
