"""Reading both sides for membership: resources, people and teams here, accounts there."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from waldur_agent_hookspecs import AccountState, AccountStatus, ComponentRule, Limits

from waldur_agent.modes.focus import Focus, Hint, Kind
from waldur_agent.modes.limits import untold_limits
from waldur_agent.modes.membership_sync.resources import concerned, found_resources
from waldur_agent.modes.refs import account_ref, refs_with_slugs
from waldur_agent.modes.served import Served
from waldur_agent.modes.teams import Teams, read_teams
from waldur_agent.modes.usernames import give_names, local_account, nameless, tell_unnamed
from waldur_agent.planning import (
    Members,
    People,
    Unknown,
    Wanted,
    to_backend,
    wanted_limits,
    wanted_members,
)
from waldur_agent.waldur import OfferingUser, Resource, WaldurError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Subject:
    """One resource with its account. ``reported`` are limits in Waldur units that Waldur should be told."""

    resource: Resource
    wanted: Wanted
    account: AccountState
    reported: Mapping[str, Decimal]

    @property
    def metadata(self) -> dict[str, object]:
        """What Waldur should show: what others put there, and what the backend says."""
        return {**self.resource.backend_metadata, **self.account.metadata}


@dataclass(slots=True)
class Reading:
    """What was read.

    Attributes:
        unnamed: Persons who would get a name if this were not only a plan.
        left: Objects that could not be read now.
        unseen: Newcomers without a local name so far, and where they are waited for.
    """

    subjects: list[Subject] = field(default_factory=list)
    people: People = field(default_factory=lambda: People.of(()))
    unnamed: list[OfferingUser] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    left: set[Hint] = field(default_factory=set)
    unseen: set[Hint] = field(default_factory=set)


def read(work: Served, *, naming: bool) -> Reading:
    """Both sides as they are; with ``naming``, people without a local name get one first.

    Raises:
        WaldurError, NotReady, PluginBug: something that all resources need could not be read.
    """
    reading = Reading()
    resources = found_resources(work, reading)
    teams = read_teams(work, resources)
    resources = concerned(work.focus, resources, teams)
    if not resources:
        return reading
    rules = work.site.describe_components(work.offering.components)
    refs = [account_ref(resource) for resource in resources]
    states = work.site.list_accounts(refs)
    if work.offering.recreate_missing_accounts:
        refs = refs_with_slugs(work, refs, states)
    users = _users(work, teams, reading, naming=naming)
    reading.unseen |= _without_account(work.focus, teams, users)
    limits = _member_limits(work, users, rules)
    reading.people = People.of((user.username for user in users if user.username), work.offering.protected_users)
    for resource, ref in zip(resources, refs, strict=True):
        state = states[resource.uuid]
        wanted = Wanted(
            ref,
            _members(work, resource, teams, users),
            restricted=resource.restrict_member_access,
            status=_status(resource) if work.site.can("set_status") else None,
            limits=wanted_limits(resource.limits, work.offering.components, rules),
            member_limits=limits.get(resource.uuid, {}) if limits is not None else None,
            recreate=work.offering.recreate_missing_accounts,
        )
        reading.subjects.append(Subject(resource, wanted, state, untold_limits(work, resource, state, rules)))
    return reading


def _status(resource: Resource) -> AccountStatus:
    if resource.paused:
        return AccountStatus.PAUSED
    return AccountStatus.DOWNSCALED if resource.downscaled else AccountStatus.ACTIVE


def _users(work: Served, teams: Teams, reading: Reading, *, naming: bool) -> list[OfferingUser]:
    """All local accounts of the offering. None at all is unknown: servers hide them for several reasons."""
    try:
        users = work.waldur.offering_users()
        if work.site.makes_names:
            reading.unnamed = nameless(users, teams.everybody, work.waldur.offering())
    except WaldurError as error:
        reading.troubles.append(
            f"{work.offering.name}: its users could not be read, members stay as they are: {error}"
        )
        return []
    if not users:
        reading.troubles.append(
            f"{work.offering.name}: Waldur shows no users of this offering, members stay as they are; "
            "is service_provider_can_create_offering_user on?"
        )
    if naming and reading.unnamed:
        users = give_names(work, users, reading.unnamed)
    tell_unnamed(work, teams.everybody, users)
    return users


def _members(work: Served, resource: Resource, teams: Teams, users: Sequence[OfferingUser]) -> Members:
    team = teams.by_resource[resource.uuid]
    if not users:
        return Unknown("the offering's users are not known")
    if isinstance(team, WaldurError):
        return Unknown(f"its team could not be read: {team}")
    members, complaints = wanted_members(team, map(local_account, users))
    for complaint in complaints:
        log.warning("%s: %s: %s", work.offering.name, resource.backend_id, complaint)
    return members


def _without_account(focus: Focus, teams: Teams, users: Sequence[OfferingUser]) -> set[Hint]:
    """Newcomers who have no local name yet, and the resources that they are waited for at."""
    nameless = focus.newcomers - {user.user_uuid for user in users if user.username}
    found: set[Hint] = set()
    for resource, team in teams.by_resource.items():
        if isinstance(team, frozenset):
            found |= {Hint.newcomer(person, Hint(Kind.RESOURCE, resource)) for person in nameless & team}
    return found


def _member_limits(
    work: Served, users: Sequence[OfferingUser], rules: Mapping[str, ComponentRule]
) -> dict[str, dict[str, Limits]] | None:
    """Limits by resource and local name, in backend units; None where there are none to be had or set."""
    if not work.site.can("set_member_limits"):
        return None
    try:
        limits = work.waldur.user_limits()
    except WaldurError as error:
        log.warning("%s: members' own limits could not be read and stay as they are: %s", work.offering.name, error)
        return None
    if limits is None:
        return None
    names = {user.uuid: user.username for user in users}
    found: dict[str, dict[str, dict[str, Decimal]]] = {}
    for limit in limits:
        if name := names.get(limit.offering_user_uuid):
            amounts = found.setdefault(limit.resource_uuid, {}).setdefault(name, {})
            amounts |= to_backend({limit.component: limit.amount}, rules)
    return {resource: dict(people) for resource, people in found.items()}
