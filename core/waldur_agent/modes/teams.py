"""Who has a role where: teams of projects, read once each, or of resources where those may differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from waldur_agent.modes.served import Served
from waldur_agent.waldur import ROLES_PER_RESOURCE, Resource, WaldurError, gather


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
    first = resources[0].uuid
    single = work.waldur.roles_per_resource(first)
    known: dict[str, frozenset[str] | WaldurError] = {}
    if not single and ROLES_PER_RESOURCE not in work.waldur.learned:
        # That 404 may have been the resource's own, or of something in between that stood in for a server away.
        known = gather(work.waldur.team, [first])
        single = isinstance(known[first], WaldurError)
        if not single:
            work.waldur.learned.add(ROLES_PER_RESOURCE)

    def key(resource: Resource) -> str:
        return resource.uuid if single or not resource.project.uuid else resource.project.uuid

    # Reversed, so that the first of a project's resources answers for it: its team may be known already.
    asked = {key(resource): resource.uuid for resource in reversed(resources)}
    teams = known | gather(work.waldur.team, [uuid for uuid in asked.values() if uuid not in known])
    return Teams({resource.uuid: teams[asked[key(resource)]] for resource in resources})
