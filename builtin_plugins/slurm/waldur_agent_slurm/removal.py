"""Which commands delete accounts, so that SLURM takes them. Pure: from readings to argument lists.

slurmdbd refuses a command that removes both default and other associations (measured; in 22.05 it is enough
that they belong to *different* users). So, with few commands whatever the number of users:

- who keeps another account gets that as default, and then loses only associations that are no default;
- who loses everything gets one of the accounts to be deleted, the *last*, as default: first all the others go, then
  that one, which only is default.

A user who loses everything is deleted by slurmdbd as well. One with rights in slurmdbd would lose them: for such
users the account is deleted from under them, which leaves the user.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .batches import batches
from .names import ACCOUNT_NAME, USER_NAME
from .snapshot import ROOT

if TYPE_CHECKING:
    from .accounting import Membership

Command = list[str]


@dataclass(frozen=True, slots=True)
class _User:
    name: str
    lost: tuple[str, ...]  # with repetition where there are associations with partitions
    kept: frozenset[str]
    default: str
    admin: bool

    @property
    def is_simple(self) -> bool:
        """Whether only one association would go, and that one is the default."""
        return not self.kept and self.lost == (self.default,)


def removal_commands(cluster: str, doomed: Collection[str], memberships: Sequence[Membership]) -> list[Command]:
    """Tell the ``sacctmgr`` commands, in order, that delete accounts with all their associations."""
    users = _users(doomed, memberships)
    stay = [user for user in users if user.kept]
    leave = [user for user in users if not user.kept]
    several = [user for user in leave if not user.is_simple]
    return [
        *_new_defaults(cluster, stay, doomed),
        *delete_users(cluster, (user.name for user in stay), doomed),
        *_gather(cluster, several, doomed),
        *delete_users(cluster, (user.name for user in leave if not user.admin), doomed),
        *delete_accounts(cluster, doomed),
    ]


def delete_accounts(cluster: str, names: Collection[str]) -> Iterator[Command]:
    """The commands that delete accounts. The cluster is named, as else they would go from all clusters."""
    for some in batches(names):
        yield ["delete", "account", "where", f"name={','.join(some)}", f"cluster={cluster}"]


def _users(doomed: Collection[str], memberships: Sequence[Membership]) -> list[_User]:
    rows: dict[str, list[Membership]] = defaultdict(list)
    for membership in memberships:
        rows[membership.user].append(membership)
    users = []
    for name, mine in sorted(rows.items()):
        if not USER_NAME.fullmatch(name):
            continue  # never ours and not fit for a command: it goes with the account
        lost = tuple(row.account for row in mine if row.account in doomed)
        kept = frozenset(row.account for row in mine if row.account not in doomed)
        if lost:
            users.append(_User(name, lost, kept, mine[0].default_account, mine[0].admin))
    return users


def _new_defaults(cluster: str, users: Sequence[_User], doomed: Collection[str]) -> Iterator[Command]:
    """Move default accounts to accounts that stay: as few different ones as a simple choice gives, root last."""
    moving = [user for user in users if user.default in doomed and any(map(ACCOUNT_NAME.fullmatch, user.kept))]
    common = Counter(account for user in moving for account in user.kept)
    by_target: dict[str, list[str]] = defaultdict(list)
    for user in moving:
        target = min(
            filter(ACCOUNT_NAME.fullmatch, user.kept),
            key=lambda account: (account == ROOT, -common[account], account),
        )
        by_target[target].append(user.name)
    for target, names in sorted(by_target.items()):
        yield from set_default(cluster, names, target)


def _gather(cluster: str, users: Sequence[_User], doomed: Collection[str]) -> Iterator[Command]:
    """Leave users who lose several associations with only the last of them, as default."""
    if not users:
        return
    shared = Counter(account for user in users for account in set(user.lost))
    last = min(doomed, key=lambda account: (-shared[account], account))
    for some in batches(user.name for user in users if last not in user.lost):
        yield ["add", "user", f"name={','.join(some)}", f"account={last}", f"cluster={cluster}"]
    # Of several associations with one account only the first is default, until the default is set anew.
    names = [user.name for user in users if user.default != last or user.lost.count(last) > 1]
    yield from set_default(cluster, names, last)
    yield from delete_users(cluster, (user.name for user in users if set(user.lost) != {last}), set(doomed) - {last})


def set_default(cluster: str, users: Collection[str], account: str) -> Iterator[Command]:
    """The commands that give users a default account that they have."""
    for some in batches(users):
        where = ["where", f"name={','.join(some)}", f"cluster={cluster}"]
        yield ["modify", "user", *where, "set", f"DefaultAccount={account}"]


def delete_users(cluster: str, users: Iterator[str], accounts: Collection[str]) -> Iterator[Command]:
    """The commands that remove every one of the users from every one of the accounts."""
    names = list(users)
    for few_accounts in batches(accounts):
        for some in batches(names):
            where = ["where", f"name={','.join(some)}", f"account={','.join(few_accounts)}", f"cluster={cluster}"]
            yield ["delete", "user", *where]
