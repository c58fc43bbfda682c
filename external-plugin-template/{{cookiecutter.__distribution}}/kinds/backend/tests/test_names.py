from __future__ import annotations

import pytest
from waldur_agent_hookspecs import AccountRef, BackendError, NamePolicy, NotReady, Party

from {{ cookiecutter.__package }}.names import candidates


def ref(slug: str, policy: NamePolicy = NamePolicy.RESOURCE_SLUG) -> AccountRef:
    return AccountRef("1" * 32, "", slug, "Climate", Party("2" * 32, "ocean"), Party("3" * 32, "uni"), policy)


def test_an_account_is_named_after_its_resource() -> None:
    assert list(candidates("hpc_", ref("Climate-2026"))) == ["hpc_climate-2026"]


def test_resources_of_one_project_find_each_a_name() -> None:
    assert list(candidates("", ref("x", NamePolicy.PROJECT_SLUG)))[:3] == ["ocean", "ocean-0", "ocean-1"]


@pytest.mark.parametrize("slug", ["ä", "a b", "a/b", "-a", "a" * 61])
def test_what_cannot_be_a_name_is_refused_for_good(slug: str) -> None:
    with pytest.raises(BackendError, match="change the slug in Waldur"):
        next(candidates("", ref(slug)))


def test_without_a_slug_there_is_no_name_yet() -> None:
    with pytest.raises(NotReady):
        next(candidates("hpc_", ref("")))
