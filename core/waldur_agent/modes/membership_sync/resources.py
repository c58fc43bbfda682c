"""Which resources a pass is about, read with as few requests as that takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from waldur_agent.modes.focus import Focus, Hint, Kind
from waldur_agent.modes.served import Served
from waldur_agent.modes.teams import Teams
from waldur_agent.waldur import NotFound, Resource, WaldurError, gather

FEW = 10
"""Up to so many objects are asked for one by one; for more, the whole list is cheaper (it is 100 a request)."""


class Troubles(Protocol):
    """Where it is noted what could not be read."""

    troubles: list[str]
    left: set[Hint]


def found_resources(work: Served, noted: Troubles) -> list[Resource]:
    """The live resources among which those of the focus are.

    Raises:
        WaldurError: the list could not be read; what is read one by one is noted instead.
    """
    focus = work.focus
    if focus.whole or focus.people or len(focus.resources) + len(focus.projects) > FEW:
        return work.waldur.live_resources()
    found: dict[str, Resource] = {}
    for uuid, single in gather(work.waldur.live_resource, sorted(focus.resources)).items():
        if isinstance(single, WaldurError):
            _note(work, single, Hint(Kind.RESOURCE, uuid), noted)
        elif single is not None:
            found[single.uuid] = single
    for uuid, several in gather(work.waldur.live_resources, sorted(focus.projects)).items():
        if isinstance(several, WaldurError):
            _note(work, several, Hint(Kind.PROJECT, uuid), noted)
        else:
            found |= {resource.uuid: resource for resource in several}
    return list(found.values())


def concerned(focus: Focus, resources: Sequence[Resource], teams: Teams) -> list[Resource]:
    """Those of them that the focus is about."""

    def is_concerned(resource: Resource) -> bool:
        team = teams.by_resource[resource.uuid]
        return (
            focus.whole
            or resource.uuid in focus.resources
            or resource.project.uuid in focus.projects
            # An unreadable team may be theirs: the resource is then looked at, and again later.
            or (bool(focus.people) and (isinstance(team, WaldurError) or not focus.people.isdisjoint(team)))
        )

    return [resource for resource in resources if is_concerned(resource)]


def _note(work: Served, error: WaldurError, hint: Hint, noted: Troubles) -> None:
    if isinstance(error, NotFound):
        return  # gone, or not for this token: nothing follows from it
    noted.troubles.append(f"{work.offering.name}: {hint.kind} {hint.uuid} could not be read: {error}")
    noted.left.add(hint)
