"""A new cluster for each test, and refs for the accounts of a small university."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from waldur_agent_hookspecs import AccountRef, NamePolicy, Party, PluginContext
from waldur_agent_sandbox import Cluster, SandboxPlugin, SandboxSettings, create_cluster

MakeRef = Callable[..., AccountRef]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "cluster.sqlite"
    create_cluster(path)
    return path


@pytest.fixture
def cluster(database: Path) -> Cluster:
    return Cluster(database)


@pytest.fixture
def settings(database: Path) -> SandboxSettings:
    return SandboxSettings(database=database, customer_prefix="c_", project_prefix="p_", allocation_prefix="a_")


@pytest.fixture
def plugin(settings: SandboxSettings) -> SandboxPlugin:
    return SandboxPlugin(settings, PluginContext("HPC", "0" * 32))


@pytest.fixture
def make_ref() -> MakeRef:
    """A resource ``slug`` of project ``ocean`` of customer ``example-uni``; UUIDs follow from the slugs."""

    def make(
        slug: str = "climate",
        *,
        project: str = "ocean",
        customer: str = "example-uni",
        backend_id: str = "",
        policy: NamePolicy = NamePolicy.RESOURCE_SLUG,
    ) -> AccountRef:
        return AccountRef(
            resource_uuid=f"r-{slug}",
            backend_id=backend_id,
            slug=slug,
            name=slug.title(),
            project=Party(f"p-{project}", project, project.title()),
            customer=Party(f"c-{customer}", customer, customer.title()),
            name_policy=policy,
        )

    return make


@pytest.fixture
def ref(make_ref: MakeRef) -> AccountRef:
    return make_ref()
