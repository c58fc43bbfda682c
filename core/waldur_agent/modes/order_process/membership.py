"""Who belongs to the accounts that are to be created."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from waldur_agent_hookspecs import OrderType

from waldur_agent.modes.served import Served
from waldur_agent.planning import LocalAccount, Members, Unknown, wanted_members
from waldur_agent.waldur import OfferingUser, WaldurError, gather

from .reading import OpenOrder

log = logging.getLogger(__name__)


def read_members(work: Served, orders: Sequence[OpenOrder]) -> dict[str, Members]:
    """The members by resource UUID. What cannot be read adds nobody, and holds no order up."""
    creates = [item for item in orders if item.order.type is OrderType.CREATE]
    if not creates or not (work.site.can("add_member") or work.site.can("apply_changes")):
        return {}
    try:
        accounts = [_local_account(user) for user in work.waldur.offering_users()]
    except WaldurError as error:
        log.warning("%s: the offering's users could not be read, so nobody is added: %s", work.offering.name, error)
        return {item.resource.uuid: Unknown(str(error)) for item in creates}
    # A team belongs to a project: it is asked for once, by any of the project's resources.
    asked = {_project(item): item.resource.uuid for item in creates}
    teams = gather(work.waldur.team, asked.values())
    return {item.resource.uuid: _members(item, teams[asked[_project(item)]], accounts) for item in creates}


def _project(item: OpenOrder) -> str:
    return item.order.ref.project.uuid or item.resource.uuid


def _members(item: OpenOrder, team: frozenset[str] | WaldurError, accounts: Sequence[LocalAccount]) -> Members:
    if isinstance(team, WaldurError):
        log.warning("%s: the team could not be read, so nobody is added: %s", item.label, team)
        return Unknown(str(team))
    members, complaints = wanted_members(team, accounts)
    for complaint in complaints:
        log.warning("%s: %s", item.label, complaint)
    return members


def _local_account(user: OfferingUser) -> LocalAccount:
    return LocalAccount(user.user_uuid, user.username, user.full_name, user.is_restricted, user.state)
