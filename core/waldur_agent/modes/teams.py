"""Who has a role where: teams of projects, read once each, or of resources where those may differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from waldur_agent.modes.served import Served
from waldur_agent.waldur import Resource, WaldurError, gather


@dataclass(frozen=True, slots=True)
class Teams:
    """Teams by resource UUID: persons' UUIDs, or why they could not be read."""

    by_resource: Mapping[str, frozenset[str] | WaldurError]

    @property
    def everybody(self) -> frozenset[str]:
        """All persons of all teams that could be read."""
        return frozenset().union(*(team for team in self.by_resource.values() if isinstance(team, frozenset)))


def read_teams(work: Served, resources: Sequence[Resource]) -> Teams:
    """The team of each resource, several at a time.

    A team belongs to a project, so one of its resources answers for all; on servers that know roles on single
    resources, each resource is asked.
    """
    if not resources:
        return Teams({})
    single = work.waldur.roles_per_resource(resources[0].uuid)

    def key(resource: Resource) -> str:
        return resource.uuid if single or not resource.project.uuid else resource.project.uuid

    asked = {key(resource): resource.uuid for resource in resources}
    teams = gather(work.waldur.team, asked.values())
    return Teams({resource.uuid: teams[asked[key(resource)]] for resource in resources})
