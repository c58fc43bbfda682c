from __future__ import annotations

import pytest
from services.mam_plans import make_ref
from waldur_agent_hookspecs import BackendError, NamePolicy
from waldur_agent_moab.names import BadNameError, NoSlugError, account_names, user_name
from waldur_agent_moab.settings import MoabSettings

SETTINGS = MoabSettings(project_prefix="P_", allocation_prefix="A_", customer_prefix="c_")


def test_the_allocation_is_folded_the_project_is_not() -> None:
    names = account_names(make_ref("Climate-2026", project="Ocean"), SETTINGS)
    assert (names.project, names.allocations) == ("P_Ocean", ("a_climate-2026",))


def test_named_after_the_project_there_are_ten_candidates() -> None:
    names = account_names(make_ref("x", project="ocean", name_policy=NamePolicy.PROJECT_SLUG), SETTINGS)
    assert names.allocations[:3] == ("a_ocean", "a_ocean-0", "a_ocean-1")
    assert len(names.allocations) == 10


def test_without_a_slug_there_is_no_name() -> None:
    with pytest.raises(NoSlugError):
        account_names(make_ref(" "), SETTINGS)
    with pytest.raises(NoSlugError):
        account_names(make_ref("x", project=""), SETTINGS)


@pytest.mark.parametrize("slug", ["a|b", "a b", "a\nb", "ä", "x" * 200])
def test_a_slug_that_a_command_would_misread_is_refused(slug: str) -> None:
    with pytest.raises(BadNameError):
        account_names(make_ref(slug), SETTINGS)


@pytest.mark.parametrize("name", ["-jdoe", "+jdoe", "^jdoe", "a|b", "a,b", "", "a b"])
def test_a_user_name_that_a_command_would_misread_is_refused(name: str) -> None:
    with pytest.raises(BackendError):
        user_name(name)
    assert user_name("J.doe-1@example.org") == "J.doe-1@example.org"
