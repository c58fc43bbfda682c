"""``create-homedirs``: every named user of an offering gets what users need on this machine.

No mode of its own: the modes do the same for those who are in an account. What is needed, the plugins know.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from waldur_agent.modes.served import Served
from waldur_agent.modes.usernames import local_account
from waldur_agent.planning import wanted_members

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Prepared:
    """How many users there were, and by local name why some have not got it. ``served``: whether a plugin does it."""

    served: bool
    users: int = 0
    reasons: dict[str, str] = field(default_factory=dict)


def prepare_users(work: Served) -> Prepared:
    """See to all users who have a usable name and are neither restricted nor on their way out.

    Raises:
        WaldurError: the users could not be read.
    """
    if not work.site.can("prepare_users"):
        return Prepared(served=False)
    accounts = [local_account(user) for user in work.waldur.offering_users()]
    known, complaints = wanted_members({account.user_uuid for account in accounts}, accounts)
    for complaint in complaints:
        log.warning("%s: %s", work.offering.name, complaint)
    members = [known.members[name] for name in sorted(known.members)]
    return Prepared(served=True, users=len(members), reasons=work.site.prepare_users(members))
