"""Names that several in one batch want."""

from __future__ import annotations

import pytest
from services.slurm_plans import make_ref
from waldur_agent_slurm.claims import claims_of, project_of, resource_of
from waldur_agent_slurm.names import NoSlugError
from waldur_agent_slurm.settings import SlurmSettings

SETTINGS = SlurmSettings(customer_prefix="c_", project_prefix="p_", allocation_prefix="a_", default_account="site")


def test_resources_of_one_project_share_its_account() -> None:
    refs = [make_ref("one"), make_ref("two")]
    claims = claims_of(refs, SETTINGS)
    assert claims.objection("p_ocean", project_of(refs[0])) == ""
    assert claims.objection("a_one", resource_of(refs[0])) == ""


def test_two_resources_with_one_slug_are_in_conflict_and_both_are_named() -> None:
    first, second = make_ref("one", resource_uuid="1" * 32), make_ref("one", resource_uuid="2" * 32)
    text = claims_of([first, second], SETTINGS).objection("a_one", resource_of(first))
    assert first.resource_uuid in text
    assert second.resource_uuid in text


def test_two_projects_with_one_slug_are_in_conflict() -> None:
    first, second = make_ref("one", project_uuid="1" * 32), make_ref("two", project_uuid="2" * 32)
    assert "2" * 32 in claims_of([first, second], SETTINGS).objection("p_ocean", project_of(first))


def test_with_equal_prefixes_a_resource_may_collide_with_a_project() -> None:
    same = SlurmSettings(customer_prefix="hpc_", project_prefix="hpc_", allocation_prefix="hpc_")
    ref = make_ref("ocean")
    text = claims_of([ref], same).objection("hpc_ocean", resource_of(ref))
    assert "the project" in text
    assert "different prefixes" in text


def test_an_id_that_waldur_carries_is_claimed_as_well() -> None:
    holder = make_ref("other", backend_id="A_One", project="elsewhere")
    assert "'Other'" in claims_of([make_ref("one"), holder], SETTINGS).objection(
        "a_one", resource_of(make_ref("one"))
    )


@pytest.mark.parametrize("name", ["root", "site"])
def test_the_accounts_of_the_site_itself_are_nobodys(name: str) -> None:
    ref = make_ref("one", backend_id=name)
    assert "the site's own" in claims_of([ref], SETTINGS).objection(name, resource_of(ref))


@pytest.mark.parametrize("name", ["x[1-3]", "a b", "", "-i"])
def test_an_id_that_is_not_fit_for_a_command_is_nobodys(name: str) -> None:
    ref = make_ref("one")
    assert "characters" in claims_of([ref], SETTINGS).objection(name, resource_of(ref))


def test_a_resource_without_a_slug_does_not_keep_the_others_from_their_names() -> None:
    nameless, named = make_ref("", resource_uuid="9" * 32), make_ref("one")
    claims = claims_of([nameless, named], SETTINGS)
    assert isinstance(claims.problems["9" * 32], NoSlugError)
    assert claims.is_free("a_one", resource_of(named))
