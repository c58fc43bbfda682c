from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

import pytest
from waldur_agent_hookspecs import AccountRef, BackendError, NamePolicy, NotReady, Party
from waldur_agent_sandbox import Cluster, SandboxPlugin, SandboxSettings, accounts

MakeRef = Callable[..., AccountRef]
Parents = dict[str, str | None]


def _create(settings: SandboxSettings, ref: AccountRef) -> str:
    with Cluster(settings.database).writing() as db:
        return accounts.create(db, settings, ref)


def _delete(cluster: Cluster, ref: AccountRef) -> bool:
    with cluster.writing() as db:
        return accounts.delete(db, ref)


def _by_hand(cluster: Cluster, name: str, parent: str | None = None) -> None:
    with cluster.writing() as db:
        accounts.add_by_hand(db, name, parent)


def _parents(cluster: Cluster) -> Parents:
    with cluster.reading() as db:
        return dict(db.execute("SELECT name, parent FROM accounts").fetchall())


ALL_THREE: Parents = {"c_example-uni": None, "p_ocean": "c_example-uni", "a_climate": "p_ocean"}


def test_an_account_comes_with_its_parents(cluster: Cluster, settings: SandboxSettings, ref: AccountRef) -> None:
    assert _create(settings, ref) == "a_climate"
    assert _parents(cluster) == ALL_THREE


def test_made_again_it_is_the_same(cluster: Cluster, settings: SandboxSettings, ref: AccountRef) -> None:
    _create(settings, ref)
    renamed = replace(ref, slug="other", backend_id="elsewhere")
    assert _create(settings, renamed) == "a_climate"
    assert _parents(cluster) == ALL_THREE


def test_many_processes_share_the_parents(cluster: Cluster, plugin: SandboxPlugin, make_ref: MakeRef) -> None:
    refs = [make_ref(f"r{number}") for number in range(12)]
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(3, mp_context=spawn) as pool:
        names = set(pool.map(plugin.create_account, refs))
    assert names == {f"a_r{number}" for number in range(12)}
    assert len(_parents(cluster)) == 14


def test_one_made_by_hand_is_in_the_way(cluster: Cluster, settings: SandboxSettings, ref: AccountRef) -> None:
    _by_hand(cluster, "a_climate")
    with pytest.raises(BackendError, match="'a_climate' was made by hand"):
        _create(settings, ref)
    assert _parents(cluster) == {"a_climate": None}


def test_another_resources_account_is_in_the_way(settings: SandboxSettings, ref: AccountRef) -> None:
    _create(settings, ref)
    with pytest.raises(BackendError, match="'a_climate' belongs to Waldur's object r-climate"):
        _create(settings, replace(ref, resource_uuid="another"))


def test_another_projects_account_is_no_parent(settings: SandboxSettings, ref: AccountRef) -> None:
    _create(settings, ref)
    twin = replace(ref, resource_uuid="r2", slug="two", project=Party("p2", "ocean"))
    with pytest.raises(BackendError, match="belongs to Waldur's object p-ocean, so it cannot serve 'ocean'"):
        _create(settings, twin)


def test_a_project_keeps_its_account_when_its_slug_changes(
    cluster: Cluster, settings: SandboxSettings, ref: AccountRef
) -> None:
    _create(settings, ref)
    _create(settings, replace(ref, resource_uuid="r2", slug="two", project=replace(ref.project, slug="sea")))
    assert _parents(cluster) == ALL_THREE | {"a_two": "p_ocean"}


def test_a_project_account_made_by_hand_serves_and_stays(
    cluster: Cluster, settings: SandboxSettings, ref: AccountRef
) -> None:
    _by_hand(cluster, "p_ocean")
    _create(settings, ref)
    assert _parents(cluster)["a_climate"] == "p_ocean"
    _delete(cluster, ref)
    assert set(_parents(cluster)) == {"p_ocean", "c_example-uni"}


def test_projects_without_a_uuid_do_not_share_an_account(
    cluster: Cluster, settings: SandboxSettings, ref: AccountRef
) -> None:
    _create(settings, replace(ref, project=Party("", "one")))
    _create(settings, replace(ref, resource_uuid="r2", slug="two", project=Party("", "other")))
    assert _parents(cluster)["a_two"] == "p_other"


def test_named_by_project_the_next_free_name_is_taken(
    cluster: Cluster, settings: SandboxSettings, make_ref: MakeRef
) -> None:
    _by_hand(cluster, "a_ocean-0")
    refs = [make_ref(slug, policy=NamePolicy.PROJECT_SLUG) for slug in ("one", "two")]
    assert [_create(settings, ref) for ref in refs] == ["a_ocean", "a_ocean-1"]


def test_the_last_allocation_takes_the_project_along_but_not_the_customer(
    cluster: Cluster, settings: SandboxSettings, make_ref: MakeRef
) -> None:
    one, two = make_ref("one"), make_ref("two")
    _create(settings, one)
    _create(settings, two)
    assert _delete(cluster, one)
    assert set(_parents(cluster)) == {"c_example-uni", "p_ocean", "a_two"}
    assert _delete(cluster, two)
    assert set(_parents(cluster)) == {"c_example-uni"}
    assert not _delete(cluster, two)


@pytest.mark.parametrize("what", ["account", "member"])
def test_a_project_account_that_somebody_uses_stays(
    cluster: Cluster, settings: SandboxSettings, ref: AccountRef, what: str
) -> None:
    _create(settings, ref)
    with cluster.writing() as db:
        if what == "account":
            accounts.add_by_hand(db, "handmade", "p_ocean")
        else:
            db.execute("INSERT INTO members VALUES ('p_ocean', 'boss')")
    _delete(cluster, ref)
    assert "p_ocean" in _parents(cluster)


def test_an_account_with_others_below_it_is_not_deleted(
    cluster: Cluster, settings: SandboxSettings, ref: AccountRef
) -> None:
    _create(settings, ref)
    _by_hand(cluster, "below", "a_climate")
    with pytest.raises(BackendError, match=r"accounts below it that somebody else made: \['below'\]"):
        _delete(cluster, ref)
    assert set(_parents(cluster)) == {*ALL_THREE, "below"}


def test_one_made_by_hand_is_not_deleted(cluster: Cluster, ref: AccountRef) -> None:
    _by_hand(cluster, "a_climate")
    assert not _delete(cluster, ref)
    assert set(_parents(cluster)) == {"a_climate"}


def test_anothers_account_is_not_deleted_whatever_waldur_says(
    cluster: Cluster, settings: SandboxSettings, ref: AccountRef
) -> None:
    _create(settings, ref)
    for name in ALL_THREE:
        with pytest.raises(BackendError, match=f"'{name}' belongs to Waldur's object"):
            _delete(cluster, replace(ref, resource_uuid="another", backend_id=name))
    assert _parents(cluster) == ALL_THREE


def test_one_made_by_hand_is_the_resources_own_where_waldur_carries_its_name(
    cluster: Cluster, settings: SandboxSettings, ref: AccountRef
) -> None:
    _by_hand(cluster, "legacy")
    carried = replace(ref, backend_id="legacy")
    assert _create(settings, carried) == "legacy"
    assert _delete(cluster, carried)
    assert _parents(cluster) == {}


def test_an_account_that_is_gone_when_it_is_needed_is_asked_for_again(cluster: Cluster, ref: AccountRef) -> None:
    with cluster.reading() as db, pytest.raises(NotReady, match=r"no account of resource r-climate \(climate\)"):
        accounts.require_own(db, ref)
