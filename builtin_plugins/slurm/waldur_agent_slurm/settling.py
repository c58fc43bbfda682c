"""What became of additions, told by a reading made after the writing and not by what the commands said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from waldur_agent_hookspecs import (
    AddMember,
    Change,
    CreateAccount,
    NotReady,
    Outcome,
    OutcomeStatus,
    SetLimits,
    SetMemberLimits,
)

from .limits import FREE

if TYPE_CHECKING:
    from .additions import Pending
    from .loading import Loading
    from .snapshot import Snapshot


def settle(pending: Pending, after: Snapshot, loading: Loading) -> Outcome:
    """Give a pending change its outcome.

    Args:
        pending: What had to be done.
        after: The cluster now.
        loading: What was refused, and what went wrong on the way.
    """
    change = pending.change
    if _shows(after, pending):
        return Outcome(
            change, OutcomeStatus.DONE, backend_id=pending.account if isinstance(change, CreateAccount) else ""
        )
    if pending.key in loading.refused:
        return Outcome(change, OutcomeStatus.FAILED, loading.refused[pending.key])
    if loading.failure is not None:
        return not_ready(change, loading.failure)
    text = (
        f"SLURM took the change, but does not show it on the account {pending.account}; asked again in the next cycle"
    )
    return Outcome(change, OutcomeStatus.NOT_READY, text)


def not_ready(change: Change, error: NotReady) -> Outcome:
    """The outcome of a change of which it is not known that it was made."""
    return Outcome(change, OutcomeStatus.NOT_READY, str(error))


def _shows(after: Snapshot, pending: Pending) -> bool:
    there = after.accounts.get(pending.account)
    if there is None:
        return False
    match pending.change:
        case SetLimits():
            limits = there.limits
            return all(limits.get(name) == amount for name, amount in pending.limits.items())
        case AddMember():
            return pending.user in after.members.get(pending.account, {})
        case SetMemberLimits():
            limits = after.member_limits(pending.account).get(pending.user, {})
            return all(limits.get(name, FREE) == amount for name, amount in pending.limits.items())
    return True
