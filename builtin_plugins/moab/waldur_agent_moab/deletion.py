"""Ends accounts: the fund first, as it might not be found without its account; then the account; then its project's.

Where a fund made by hand stands beside it, the agent's own goes last, by the number that it had: a second attempt
could not tell them apart, and rather leaves the agent's own behind, with a word about it, than it deletes the other.

Killed in between, the next cycle finds whatever is left by the account, or by the project's account.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from waldur_agent_hookspecs import DeleteAccount, NotReady, Outcome, OutcomeStatus

from .funds import own_funds

if TYPE_CHECKING:
    from .accounting import Accounting
    from .listing import Account
    from .ownership import Ownership, Standing

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Deletion:
    """Deletes the accounts of a batch, and then the project accounts that are left without any.

    Attributes:
        failures: Why a project's account could not be deleted, by the UUID of the resource that was its last.
    """

    accounting: Accounting
    ownership: Ownership
    failures: dict[str, str] = field(default_factory=dict)
    _ended: list[Standing] = field(default_factory=list)

    def end_account(self, change: DeleteAccount, standing: Standing) -> Outcome:
        """Delete a resource's account with its fund.

        Raises:
            NotReady: MAM could not do it; what was done stays done.
        """
        if text := self._reason_to_hold(standing):
            return Outcome(change, OutcomeStatus.HELD, text)
        account = standing.account
        if account is not None:
            self._delete(account)
        elif not standing.conflict:
            logger.warning("The account %s is not in MAM any more: nothing to delete.", standing.name)
        self._ended.append(standing)
        return Outcome(change, OutcomeStatus.DONE if account or self._last(standing) else OutcomeStatus.UNCHANGED)

    def _reason_to_hold(self, standing: Standing) -> str:
        if standing.conflict and standing.ref.backend_id:
            return f"{standing.conflict}; nothing is deleted"
        account = standing.account
        if account is None:
            return ""
        if account.owner not in {"", standing.ref.resource_uuid}:
            return (
                f"the account {account.name} is tagged as made for the resource {account.owner}; nothing is deleted"
            )
        if below := self.ownership.listing.under(account.name):
            return f"the account {account.name} is the organization of {', '.join(below[:5])}; nothing is deleted"
        return ""

    def _delete(self, account: Account) -> None:
        beside = self._another(account)
        funds = own_funds(self.accounting, account.name, beside)
        if not beside and any(fund.accounts is None for fund in funds):
            ids = ", ".join(str(fund.id) for fund in funds)
            logger.warning("Whether %s alone may draw from its funds cannot be told; left: %s", account.name, ids)
            funds = []
        further = [str(fund.id) for fund in funds[1:]]
        if funds and not further:
            self.accounting.delete_fund(funds[0].id)
        self.accounting.delete_account(account.name)
        if further:
            logger.warning("%s had further funds that somebody made; left: %s", account.name, ", ".join(further))
            try:
                self.accounting.delete_fund(funds[0].id)
            except NotReady:
                logger.warning("The fund %s of %s stays behind: delete it by hand", funds[0].id, account.name)
                raise
        self.ownership.listing.remove(account.name)

    def _another(self, account: Account) -> str:
        """Some other account: a fund that it shows as well is open to all. Empty where there is none."""
        others = sorted(set(self.ownership.listing.accounts) - {account.name})
        return account.organization if account.organization in others else next(iter(others), "")

    # ------------------------------------------------------------ projects

    def end_projects(self) -> None:
        """Delete what is left of projects, judged by a new listing: others may have made accounts meanwhile."""
        last = [(standing, project) for standing in self._ended if (project := self._last(standing))]
        if not last:
            return
        try:
            if self.accounting.recorded is None:
                self.ownership.listing = self.accounting.accounts()
            for standing, project in last:
                if self._last(standing):
                    self._end_project(project)
        except NotReady as error:
            for standing, _ in last:
                self.failures[standing.ref.resource_uuid] = f"its project's account could not be deleted: {error}"

    def _last(self, standing: Standing) -> Account | None:
        return None if standing.conflict else self.ownership.leftover(standing)

    def _end_project(self, project: Account) -> None:
        if users := self.accounting.users(project.name):
            logger.warning(
                "The account %s of a project has no accounts any more, but the users %s; it is left as it is.",
                project.name,
                ", ".join(sorted(users)),
            )
            return
        self._delete(project)
