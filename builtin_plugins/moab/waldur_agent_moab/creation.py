"""Makes the account of a resource, that of its project, and a fund for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from waldur_agent_hookspecs import BackendError, NotReady

from . import tags
from .funds import own_fund
from .listing import Account

if TYPE_CHECKING:
    from .accounting import Accounting
    from .ownership import Ownership, Standing


def create_account(accounting: Accounting, ownership: Ownership, standing: Standing) -> tuple[Account, bool]:
    """Make what is missing; also tell whether anything was.

    Raises:
        BackendError: the name is taken, or cannot be used.
        NotReady: MAM could not do it, or a slug is not known yet.
    """
    if standing.conflict:
        raise BackendError(standing.conflict)
    if standing.account is not None:
        return standing.account, _give_fund(accounting, standing.account)
    if standing.waiting:
        raise NotReady(standing.waiting)
    if objection := ownership.objection_to_project(standing):
        raise BackendError(objection)
    ref = standing.ref
    project = _project(accounting, ownership, standing)
    account = Account(standing.name, tags.description(ref.name, ref.resource_uuid), project.name)
    return _make(accounting, ownership, account), True


def _project(accounting: Accounting, ownership: Ownership, standing: Standing) -> Account:
    """The project's account; one that is there is kept as it is, and the agent's own gets the fund that it lacks."""
    if standing.names is None:
        raise NotReady(f"the account {standing.name} cannot be made without the slug of its project")
    name, party = standing.names.project, standing.ref.project
    if found := ownership.listing.find(name):
        if found.owner == party.uuid and found.name not in ownership.made:
            _give_fund(accounting, found)
        return found
    return _make(accounting, ownership, Account(name, tags.description(party.name, party.uuid), name))


def _make(accounting: Accounting, ownership: Ownership, account: Account) -> Account:
    accounting.create_account(account.name, account.description, account.organization)
    accounting.create_fund(account.name)
    ownership.listing.add(account)
    ownership.made.add(account.name)
    return account


def _give_fund(accounting: Accounting, account: Account) -> bool:
    """Make the fund that an interrupted creation did not come to."""
    if own_fund(accounting, account) is not None:
        return False
    accounting.create_fund(account.name)
    return True
