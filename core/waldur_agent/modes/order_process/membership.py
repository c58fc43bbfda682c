"""Who belongs to the accounts that are to be created."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from waldur_agent_hookspecs import OrderType

from waldur_agent.modes.served import Served
from waldur_agent.modes.teams import read_teams
from waldur_agent.modes.usernames import give_names, local_account, nameless, tell_unnamed
from waldur_agent.planning import Members, Unknown, wanted_members
from waldur_agent.waldur import OfferingUser, WaldurError

from .reading import OpenOrder

log = logging.getLogger(__name__)


def read_members(work: Served, orders: Sequence[OpenOrder], *, naming: bool) -> dict[str, Members]:
    """The members by resource UUID. What cannot be read adds nobody, and holds no order up.

    With ``naming``, people without a local name get one first.
    """
    creates = [item for item in orders if item.order.type is OrderType.CREATE]
    if not creates or not (work.site.can("add_member") or work.site.can("apply_changes")):
        return {}
    teams = read_teams(work, [item.resource for item in creates])
    try:
        users = work.waldur.offering_users()
        naming = naming and work.site.makes_names
        unnamed = nameless(users, teams.everybody, work.waldur.offering()) if naming else []
    except WaldurError as error:
        log.warning("%s: the offering's users could not be read, so nobody is added: %s", work.offering.name, error)
        return {item.resource.uuid: Unknown(str(error)) for item in creates}
    if unnamed:
        users = give_names(work, users, unnamed)
    tell_unnamed(work, teams.everybody, users)
    return {item.resource.uuid: _members(item, teams.by_resource[item.resource.uuid], users) for item in creates}


def _members(item: OpenOrder, team: frozenset[str] | WaldurError, users: Sequence[OfferingUser]) -> Members:
    if isinstance(team, WaldurError):
        log.warning("%s: the team could not be read, so nobody is added: %s", item.label, team)
        return Unknown(str(team))
    members, complaints = wanted_members(team, [local_account(user) for user in users])
    for complaint in complaints:
        log.warning("%s: %s", item.label, complaint)
    return members
