"""Local names for persons who have none, where making them is the provider's business."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import replace

from waldur_agent_hookspecs import BackendError, NotReady, User, UserActionNeeded

from waldur_agent.modes.served import Served
from waldur_agent.planning import LocalAccount, folded
from waldur_agent.planning.members import LEAVING, USERNAME
from waldur_agent.site import PluginBug
from waldur_agent.waldur import Offering, OfferingUser, WaldurError

log = logging.getLogger(__name__)

ERROR_CREATING = "Error creating"
SHOWN = 10
BEFORE_CREATING = frozenset({"Requested", ERROR_CREATING})
PENDING = {"Pending account linking": False, "Pending additional validation": True}
"""Pending state to whether it waits for a validation."""


def local_account(user: OfferingUser) -> LocalAccount:
    """What planning needs to know of an offering user."""
    return LocalAccount(user.user_uuid, user.username, user.full_name, user.is_restricted, user.state)


def nameless(users: Sequence[OfferingUser], team: Collection[str], offering: Offering) -> list[OfferingUser]:
    """Who would get a name: in a team, not restricted, without one, and ours to name."""
    if offering.plugin_options.get("username_generation_policy") != "service_provider":
        return []
    # An account that is OK without a name is the operator's matter.
    return [user for user in _unnamed(users, team) if user.state != "OK"]


def _unnamed(users: Sequence[OfferingUser], team: Collection[str]) -> list[OfferingUser]:
    """Who could be in an account, if only there were a local name."""
    return [
        user
        for user in users
        if user.user_uuid in team and not user.username and not user.is_restricted and user.state not in LEAVING
    ]


def tell_unnamed(work: Served, team: Collection[str], users: Sequence[OfferingUser]) -> None:
    """Say who is in a team and yet in no account, for want of a local name."""
    unnamed = sorted(user.full_name or user.login or user.user_uuid for user in _unnamed(users, team))
    if unnamed:
        shown = ", ".join(unnamed[:SHOWN]) + (", …" if len(unnamed) > SHOWN else "")
        log.info("%s: %d without a local name, and so in no account: %s", work.offering.name, len(unnamed), shown)


def give_names(work: Served, users: Sequence[OfferingUser], wanted: Sequence[OfferingUser]) -> list[OfferingUser]:
    """Make names for ``wanted`` and tell Waldur; gives all ``users``, the newly named ones with their names.

    One person's failure is that person's alone. A name counts only after Waldur has it.
    """
    named = {user.uuid: user for user in users}
    taken = {folded(user.username) for user in users if user.username}
    for user in wanted:
        try:
            name = _name(work, user, frozenset(taken))
            if not name:
                continue
            _tell(work, user, name)
        except (WaldurError, PluginBug, NotReady) as error:
            log.warning("%s: no local name for %s now: %s", work.offering.name, user.user_uuid, error)
            continue
        log.info("%s: %s has the local name %s from now on", work.offering.name, user.user_uuid, name)
        taken.add(folded(name))
        named[user.uuid] = replace(user, username=name, state="OK" if user.state else "")
    return [named[user.uuid] for user in users]


def _name(work: Served, user: OfferingUser, taken: frozenset[str]) -> str:
    """A name that can be used, or an empty string; a person who has something to do is told."""
    person = User(
        user.user_uuid,
        user.login,
        user.full_name,
        user.first_name,
        user.last_name,
        user.email,
        known_names=work.waldur.names_elsewhere(user.user_uuid),
    )
    try:
        name = work.site.find_username(person)
        if not name or folded(name) in taken:
            name = work.site.generate_username(person, taken)
    except UserActionNeeded as needed:
        _ask(work, user, needed)
        return ""
    except BackendError as error:
        log.warning("%s: no local name for %s: %s", work.offering.name, user.user_uuid, error)
        # Once: a change of state comes back as an event, which would bring the next attempt at once, for ever.
        if user.state and user.state != ERROR_CREATING:
            work.waldur.accounts.set_error_creating(user.uuid)
        return ""
    if name and (not USERNAME.fullmatch(name) or folded(name) in taken):
        raise PluginBug(f"the username plugin gave {name!r}, which is taken or cannot be used")
    return name


def _begin(work: Served, user: OfferingUser) -> None:
    if user.state in BEFORE_CREATING:
        work.waldur.accounts.begin_creating(user.uuid)


def _ask(work: Served, user: OfferingUser, needed: UserActionNeeded) -> None:
    log.info("%s: %s has something to do first: %s", work.offering.name, user.user_uuid, needed)
    if not user.state or (PENDING.get(user.state) == needed.validation and user.comment == str(needed)):
        return
    _begin(work, user)
    accounts = work.waldur.accounts
    accounts.set_pending(user.uuid, validation=needed.validation, comment=str(needed), url=needed.url)


def _tell(work: Served, user: OfferingUser, name: str) -> None:
    """Write the name back, on the way that the person's state asks for."""
    _begin(work, user)
    # The name first: from a pending state it leads to OK, and one made OK without it would never get a name.
    if work.waldur.accounts.set_username(user.uuid, name) in PENDING:
        work.waldur.accounts.set_validation_complete(user.uuid)
