"""An account as the contract shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from waldur_agent_hookspecs import AccountState, AccountStatus

if TYPE_CHECKING:
    from .ownership import Ownership, Standing
    from .settings import SlurmSettings
    from .snapshot import Account


def account_state(standing: Standing, ownership: Ownership, settings: SlurmSettings) -> AccountState:
    """Tell what a resource's account is now.

    Raises:
        NotReady: its limits have a form that is not known.
    """
    if not standing.exists:
        project = ownership.residue(standing)
        residue = f"the empty account {project} of its project is still there" if project else ""
        return AccountState(exists=False, backend_id=standing.name, conflict=standing.conflict, residue=residue)
    snapshot = ownership.snapshot
    account = snapshot.accounts[standing.name]
    return AccountState(
        exists=True,
        backend_id=standing.name,
        members=snapshot.member_limits(standing.name),
        limits=account.limits,
        status=account_status(account, settings),
        metadata={"qos": ",".join(account.qos)} if account.qos else {},
    )


def account_status(account: Account, settings: SlurmSettings) -> AccountStatus | None:
    """Tell by its list of QoS how far an account may be used; None where somebody chose another list by hand."""
    allowed = set(account.qos)
    if allowed == {settings.qos_paused}:
        return AccountStatus.PAUSED
    if allowed == {settings.qos_downscaled}:
        return AccountStatus.DOWNSCALED
    return AccountStatus.ACTIVE if settings.qos_default in allowed else None
