"""Which account is a resource's own."""

from __future__ import annotations

from collections.abc import Iterable

from services.slurm_plans import make_ref
from waldur_agent_hookspecs import AccountRef, NamePolicy
from waldur_agent_slurm.claims import claims_of
from waldur_agent_slurm.ownership import Ownership, Standing, names_in_doubt, names_to_delete, names_to_make
from waldur_agent_slurm.settings import SlurmSettings
from waldur_agent_slurm.snapshot import Account, Snapshot

SETTINGS = SlurmSettings(customer_prefix="c_", project_prefix="p_", allocation_prefix="a_")


def _snapshot(*accounts: str, members: dict[str, dict[str, str]] | None = None) -> Snapshot:
    """Accounts as ``name`` or ``name<parent``."""
    found = {"root": Account("root", "")}
    children: dict[str, frozenset[str]] = {}
    for text in accounts:
        name, _, parent = text.partition("<")
        found[name] = Account(name, parent or "root")
        children[parent or "root"] = children.get(parent or "root", frozenset()) | {name}
    return Snapshot("test", found, members or {}, children)


def _ownership(refs: Iterable[AccountRef], snapshot: Snapshot, **owners: str) -> Ownership:
    return Ownership(snapshot, claims_of(refs, SETTINGS), owners)


def _standing(ref: AccountRef, snapshot: Snapshot, **owners: str) -> Standing:
    return _ownership([ref], snapshot, **owners).standings([ref])[ref.resource_uuid]


def test_an_account_that_waldur_carries_is_ours_whatever_it_is_called() -> None:
    standing = _standing(make_ref("one", backend_id="Old_Name"), _snapshot("old_name"))
    assert (standing.name, standing.exists, standing.conflict) == ("old_name", True, "")


def test_an_account_that_waldur_carries_and_that_is_gone_is_absent() -> None:
    standing = _standing(make_ref("one", backend_id="a_one"), _snapshot())
    assert (standing.exists, standing.conflict) == (False, "")


def test_root_is_never_ours_even_if_waldur_says_so() -> None:
    standing = _standing(make_ref("one", backend_id="root"), _snapshot())
    assert not standing.exists
    assert standing.conflict


def test_a_project_account_is_never_a_resources_own_even_if_waldur_says_so() -> None:
    standing = _standing(make_ref("one", backend_id="p_ocean"), _snapshot("p_ocean"))
    assert not standing.exists
    assert "the project" in standing.conflict


def test_an_account_with_the_tag_is_ours_though_waldur_does_not_carry_it() -> None:
    ref = make_ref("one")
    assert _standing(ref, _snapshot("a_one"), a_one=ref.resource_uuid).exists


def test_an_account_without_the_tag_is_a_conflict() -> None:
    for owner in ("", "f" * 32):
        standing = _standing(make_ref("one"), _snapshot("a_one"), a_one=owner)
        assert not standing.exists
        assert "a_one exists already" in standing.conflict


def test_a_name_that_slurmdbd_knows_from_another_cluster_is_a_conflict() -> None:
    assert "a_one exists already" in _standing(make_ref("one"), _snapshot(), a_one="").conflict


def test_without_a_slug_there_is_nothing_but_waiting() -> None:
    standing = _standing(make_ref(""), _snapshot())
    assert (standing.name, standing.exists, standing.conflict) == ("", False, "")
    assert standing.waiting


def test_named_after_the_project_the_next_free_candidate_is_taken() -> None:
    refs = [make_ref(slug, name_policy=NamePolicy.PROJECT_SLUG) for slug in ("one", "two", "three")]
    found = _ownership(refs, _snapshot("a_ocean"), a_ocean="").standings(refs)
    assert [found[ref.resource_uuid].name for ref in refs] == ["a_ocean-0", "a_ocean-1", "a_ocean-2"]


def test_named_after_the_project_the_tagged_candidate_is_found_again() -> None:
    ref = make_ref("one", name_policy=NamePolicy.PROJECT_SLUG)
    owners = {"a_ocean": "f" * 32, "a_ocean-0": ref.resource_uuid}
    standing = _standing(ref, _snapshot("a_ocean", "a_ocean-0"), **owners)
    assert (standing.name, standing.exists) == ("a_ocean-0", True)


def test_named_after_the_project_the_eleventh_has_no_name_left() -> None:
    taken = ["a_ocean", *(f"a_ocean-{number}" for number in range(9))]
    standing = _standing(make_ref("one", name_policy=NamePolicy.PROJECT_SLUG), _snapshot(*taken))
    assert "a_ocean to a_ocean-8 are taken" in standing.conflict


def test_a_parent_without_a_tag_is_used_and_one_with_anothers_tag_is_not() -> None:
    ref = make_ref("one")
    for owners, allowed in (
        ({}, True),
        ({"p_ocean": ""}, True),
        ({"p_ocean": "f" * 32}, False),
        ({"c_example-uni": "f" * 32}, False),
    ):
        ownership = _ownership([ref], _snapshot(), **owners)
        standing = ownership.standings([ref])[ref.resource_uuid]
        assert standing.names is not None
        assert (ownership.objection_to_make(standing, standing.names) == "") is allowed


def test_an_empty_tagged_project_account_is_residue_and_nothing_else_is() -> None:
    ref = make_ref("one", backend_id="a_one")

    def residue(snapshot: Snapshot, owner: str = ref.project.uuid) -> str:
        ownership = _ownership([ref], snapshot, p_ocean=owner)
        return ownership.residue(ownership.standings([ref])[ref.resource_uuid])

    assert residue(_snapshot("p_ocean")) == "p_ocean"
    assert residue(_snapshot("p_ocean"), owner="") == ""
    assert residue(_snapshot("p_ocean"), owner="f" * 32) == ""
    assert residue(_snapshot("p_ocean", "x<p_ocean")) == ""
    assert residue(_snapshot("p_ocean", members={"p_ocean": {"alice": ""}})) == ""
    assert residue(_snapshot("p_ocean", "a_one")) == ""
    assert residue(_snapshot()) == ""


def test_in_steady_state_no_tag_is_looked_at() -> None:
    refs = [make_ref("one", backend_id="a_one"), make_ref("two", backend_id="a_two")]
    snapshot = _snapshot("p_ocean", "a_one<p_ocean", "a_two<p_ocean")
    assert names_in_doubt(refs, claims_of(refs, SETTINGS), snapshot) == set()


def test_what_creating_and_deleting_may_touch_is_looked_at() -> None:
    new, old = make_ref("one"), make_ref("two", backend_id="a_two")
    claims = claims_of([new, old], SETTINGS)
    snapshot = _snapshot("p_ocean", "a_two<p_ocean")
    assert names_to_make([new], claims, snapshot) == {"c_example-uni", "p_ocean", "a_one"}
    assert names_to_make([old], claims, snapshot) == set()
    assert names_to_delete([old, new], claims, snapshot) == {"p_ocean", "a_two"}
