"""All associations of one cluster, as one read showed them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from waldur_agent_hookspecs import NotReady

from . import parser

if TYPE_CHECKING:
    from waldur_agent_hookspecs import Limits

ROOT: Final = "root"
"""The account above all others; an answer without it is not whole."""

CLUSTER_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")

COLUMNS: Final = ("cluster", "account", "user", "partition", "parentname", "grptresmins", "qos", "defaultqos")
"""``format=`` of the read: the default columns change from version to version."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account's own association. ``tres_minutes`` is SLURM's text, read only for accounts that are ours."""

    name: str
    parent: str
    tres_minutes: str = ""
    qos: tuple[str, ...] = ()
    default_qos: str = ""

    @property
    def limits(self) -> Limits:
        """The limits in TRES minutes (memory in MB minutes)."""
        return readable_limits(self.tres_minutes, f"account {self.name}")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What one cluster holds.

    Attributes:
        cluster: Its name in slurmdbd.
        accounts: Account name to its own association.
        members: Account name to user name to that association's ``GrpTRESMins``. An association with a partition
            makes a member, too; where there is one without, its limits count.
        children: Account name to the names of the accounts right below it.
        strange: Rows that could not be taken apart, because a name in them contains the separator. They are
            never ours, but what they mention may have something of theirs in it.
    """

    cluster: str
    accounts: Mapping[str, Account] = field(default_factory=dict)
    members: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    children: Mapping[str, frozenset[str]] = field(default_factory=dict)
    strange: frozenset[str] = frozenset()

    def below(self, account: str) -> str:
        """Say what hangs below an account besides its members; empty where nothing does."""
        if children := sorted(self.children.get(account, ())):
            return f"the accounts {', '.join(children[:5])}{' and others' if len(children) > 5 else ''}"
        return "something whose name contains '|'" if account in self.strange else ""

    def is_empty(self, account: str) -> bool:
        """Whether an account is there and nothing at all, whoever's, hangs below it."""
        return account in self.accounts and not self.members.get(account) and not self.below(account)

    def without(self, names: Collection[str]) -> Snapshot:
        """The same cluster after these accounts, which have none below them, were deleted."""
        return replace(
            self,
            accounts={name: account for name, account in self.accounts.items() if name not in names},
            children={parent: below.difference(names) for parent, below in self.children.items()},
        )

    def with_children(self, parents: Mapping[str, str]) -> Snapshot:
        """The same cluster with further accounts, given with their parents, as far as who is below whom."""
        children = {parent: set(below) for parent, below in self.children.items()}
        for name, parent in parents.items():
            children.setdefault(parent, set()).add(name)
        return replace(self, children={parent: frozenset(below) for parent, below in children.items()})

    def member_limits(self, account: str) -> dict[str, Limits]:
        """User name to the limits of that user's own association with the account."""
        found = self.members.get(account, {})
        return {user: readable_limits(text, f"user {user} in account {account}") for user, text in found.items()}


def readable_limits(text: str, whose: str) -> Limits:
    """Read ``GrpTRESMins``.

    Raises:
        NotReady: the text is none that is known.
    """
    try:
        return parser.tres(text)
    except parser.UnreadableError as error:
        raise NotReady(f"the GrpTRESMins of {whose} cannot be read: {error}; set it anew by hand") from error


def read_snapshot(text: str, cluster: str) -> Snapshot:
    """Build a snapshot from the answer to ``sacctmgr -nP list assoc format=…`` (:data:`COLUMNS`).

    Args:
        text: The whole answer, of one or more clusters.
        cluster: Which of them is wanted; empty takes the only one.

    Raises:
        parser.UnreadableError: the answer is not whole.
        NotReady: there are several clusters and none was named.
    """
    found = list(parser.rows(text, len(COLUMNS)))
    wanted = cluster or _only_cluster(found)
    snapshot = _assemble(wanted, [row for row in found if row[0] == wanted])
    if ROOT not in snapshot.accounts:
        raise parser.UnreadableError(f"the answer does not show the account {ROOT!r} of cluster {wanted!r}")
    return snapshot


def _only_cluster(found: Sequence[Sequence[str]]) -> str:
    clusters = sorted({row[0] for row in found if row[1] == ROOT and not row[2]})
    if len(clusters) > 1:
        raise NotReady(f"slurmdbd serves the clusters {', '.join(clusters)}; set cluster_name to one of them")
    if not clusters:
        raise parser.UnreadableError(f"the answer shows no cluster with an account {ROOT!r}")
    if not CLUSTER_NAME.fullmatch(clusters[0]):
        raise parser.UnreadableError(f"{clusters[0]!r} is no name of a cluster")
    return clusters[0]


def _assemble(cluster: str, found: Sequence[Sequence[str]]) -> Snapshot:
    accounts: dict[str, Account] = {}
    members: dict[str, dict[str, str]] = {}
    children: dict[str, set[str]] = {}
    strange: set[str] = set()
    for row in found:
        if len(row) > len(COLUMNS):
            strange.update(filter(None, row[1:]))
            continue
        _, name, user, partition, parent, minutes, qos, default_qos = row
        if not user:
            accounts[name] = Account(name, parent, minutes, tuple(filter(None, qos.split(","))), default_qos)
            children.setdefault(parent, set()).add(name)
        elif not partition or user not in members.get(name, {}):
            members.setdefault(name, {})[user] = minutes
    frozen = {parent: frozenset(names) for parent, names in children.items() if parent}
    return Snapshot(cluster, accounts, members, frozen, frozenset(strange))
