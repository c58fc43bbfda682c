"""Who may use an account. Each account's users are read once, when somebody is to come or go."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from waldur_agent_hookspecs import NotReady
from waldur_agent_hookspecs.commands import CommandFailed

from .names import user_name

if TYPE_CHECKING:
    from .accounting import Accounting
    from .listing import Account

_UNKNOWN_USER: Final = re.compile(
    r"\buser\b.*\b(not|no|unknown|invalid)\b|\b(no such|unknown|invalid|nonexistent) user", re.IGNORECASE
)
"""How MAM says, in one way or another, that it does not know a person (yet)."""


@dataclass(slots=True)
class Members:
    """Lets people in and out, one by one, as MAM has it."""

    accounting: Accounting
    _users: dict[str, set[str]] = field(default_factory=dict)

    def add(self, account: Account, user: str) -> bool:
        """Let a person in; False where that person is in already.

        Raises:
            BackendError: the name cannot be given to a command.
            NotReady: MAM refused; ``expected`` where it does not know the person yet.
        """
        user_name(user)
        if user in self._of(account):
            return False
        try:
            self.accounting.add_user(account.name, user)
        except CommandFailed as error:
            if user in self.accounting.users(account.name):
                return False
            if _UNKNOWN_USER.search(error.answer.said):
                raise NotReady(f"MAM does not know the user {user} yet: {error}", expected=True) from error
            raise
        self._of(account).add(user)
        return True

    def remove(self, account: Account, user: str) -> bool:
        """Take a person out; False where that person is not in.

        Raises:
            BackendError: the name cannot be given to a command.
            NotReady: MAM refused.
        """
        user_name(user)
        if user not in self._of(account):
            return False
        try:
            self.accounting.remove_user(account.name, user)
        except CommandFailed:
            if user in self.accounting.users(account.name):
                raise
        self._of(account).discard(user)
        return True

    def _of(self, account: Account) -> set[str]:
        if account.name not in self._users:
            # What a preview would only make has nobody in it.
            made = self.accounting.would_make(account.name)
            self._users[account.name] = set() if made else set(self.accounting.users(account.name))
        return self._users[account.name]
