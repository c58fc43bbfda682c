"""Reads and changes slurmdbd through ``sacctmgr``. Every read costs about 0.2 s, whatever it returns."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, TypeVar

from waldur_agent_hookspecs import NotReady
from waldur_agent_hookspecs.commands import Answer, CommandFailed

from . import parser
from .batches import MAX_CHARACTERS, batches
from .client import WRITE_SECONDS, SlurmClient
from .snapshot import COLUMNS, Snapshot, read_snapshot

_LIST: Final = ("-nP", "list")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Membership:
    """One association of a user, with what SLURM knows about the user on this cluster.

    Attributes:
        default_account: The account of jobs without ``-A``; empty where there is none.
        admin: Whether the user has rights in slurmdbd, which end with the user's last association.
    """

    account: str
    user: str
    partition: str
    default_account: str
    admin: bool


@dataclass(slots=True)
class Accounting:
    """One slurmdbd, and in it one cluster.

    Attributes:
        cluster: The cluster's name; empty until the first read found the only one there is.
        hold: File descriptors that changing commands keep open.
    """

    client: SlurmClient
    cluster: str = ""
    hold: tuple[int, ...] = field(default=())

    # ------------------------------------------------------------ reading

    def snapshot(self) -> Snapshot:
        """Read all associations of the cluster with one command.

        Raises:
            NotReady: it failed, or the answer may not be whole. An empty answer is no empty cluster.
        """
        where = [f"cluster={self.cluster}"] if self.cluster else []
        asked = [*_LIST, "assoc", *where, f"format={','.join(COLUMNS)}"]
        found = self._read(asked, lambda text: read_snapshot(text, self.cluster))
        self.cluster = found.cluster
        return found

    def reach(self, names: Collection[str]) -> frozenset[str]:
        """Read which accounts would lose associations if these were deleted: those that are there, and all below.

        slurmdbd answers with the same condition by which it deletes, so that damage in its tree shows here.

        Raises:
            NotReady: it failed, or the answer may not be whole.
        """
        found: set[str] = set()
        for some in batches(names):
            where = [f"cluster={self.cluster}", f"account={','.join(some)}", "withsubaccounts"]
            asked = [*_LIST, "assoc", *where, "format=cluster,account,user"]
            found.update(row[1] for row in self._read(asked, lambda text: list(parser.rows(text, 3))))
        return frozenset(found)

    def deleted_parents(self, names: Collection[str]) -> dict[str, str]:
        """Read where deleted accounts were, of which slurmdbd still has the rows, with one command.

        Args:
            names: Accounts that are not there now.

        Raises:
            NotReady: it failed, or the answer may not be whole.
        """
        form = "format=cluster,account,user,parentname"
        asked = [*_LIST, "assoc", "withdeleted", f"cluster={self.cluster}", *_of_accounts(names), "user=", form]
        rows = self._read(asked, lambda text: list(parser.rows(text, 4)))
        return {row[1]: row[3] for row in rows if len(row) == 4 and row[1] in names and not row[2]}

    def descriptions(self, names: Collection[str], present: Collection[str]) -> dict[str, str]:
        """Read the descriptions of accounts with one command.

        Args:
            names: The accounts. One that slurmdbd does not know is left out of the result.
            present: Accounts of which it is known that they are there; their absence means a cut answer.

        Raises:
            NotReady: it failed, or the answer may not be whole.
        """
        if not names:
            return {}
        asked = [*_LIST, "account", *_of_accounts(names), "format=account,descr"]
        return self._read(asked, lambda text: _descriptions(text, names, present))

    def memberships(self) -> list[Membership]:
        """Read each user's associations with this cluster, default accounts and rights, with one command.

        Raises:
            NotReady: it failed, or the answer may not be whole.
        """
        form = "format=cluster,account,user,partition,defaultaccount,admin"
        return self._read([*_LIST, "user", "withassoc", f"cluster={self.cluster}", form], self._memberships)

    def _memberships(self, text: str) -> list[Membership]:
        # A user without an association here has a row without a cluster; a name with a "|" in it is never ours.
        found = [row for row in parser.rows(text, 6) if row[0] == self.cluster and len(row) == 6]
        if not found:
            raise parser.UnreadableError("the answer shows no user at all, not even root")
        return [
            Membership(account, user, partition, default, admin not in {"", "None"})
            for _, account, user, partition, default, admin in found
        ]

    def tres(self) -> frozenset[str]:
        """Read which TRES slurmdbd knows, such as ``cpu``, ``mem`` and ``gres/gpu``.

        Raises:
            NotReady: it failed, or the answer may not be whole.
        """
        return self._read([*_LIST, "tres", "format=type,name"], _tres)

    def listed(self, what: str, column: str, *where: str) -> tuple[str, ...]:
        """Read one column of a list, for example the names of all QoS.

        Raises:
            NotReady: it failed, or the answer may not be whole.
        """
        return self._read([*_LIST, what, *where, f"format={column}"], lambda text: tuple(parser.lines(text)))

    def configuration(self) -> tuple[str, ...]:
        """Read how this host's SLURM and then slurmdbd are configured, in lines of names and values.

        Raises:
            NotReady: it failed, or the answer may not be whole.
        """
        return self._read(["-nP", "show", "configuration"], lambda text: tuple(parser.lines(text)))

    def _read(self, arguments: Sequence[str], understand: Callable[[str], _T]) -> _T:
        answer = self.client.run("sacctmgr", arguments)
        if answer.status != 0:
            raise failed(answer)
        try:
            return understand(answer.output)
        except parser.UnreadableError as error:
            raise NotReady(f"{answer.command} answered what cannot be used: {error}") from error

    # ------------------------------------------------------------ changing

    def change(self, arguments: Sequence[str]) -> None:
        """Run one changing command. That there was nothing to change is no failure.

        Raises:
            CommandFailed: it ended with an error; the change may have been made all the same.
            NotReady: it could not be run to its end.
        """
        answer = self.client.run("sacctmgr", ["-i", *arguments], seconds=WRITE_SECONDS, hold=self.hold)
        if answer.status != 0 and not parser.nothing_to_do(answer.said):
            raise failed(answer)

    def load(self, text: str) -> None:
        """Have slurmdbd take in a load file, which adds and changes and never removes.

        Raises:
            CommandFailed: it ended with an error.
            NotReady: it could not be run to its end.
        """
        with TemporaryDirectory(prefix="waldur-agent-") as directory:
            path = Path(directory) / "load.cfg"
            path.touch(mode=0o600)
            path.write_text(text, encoding="utf-8")
            self.change(["load", f"file={path}"])


def _of_accounts(names: Collection[str]) -> list[str]:
    """The condition for some accounts; none, and so all of them, where it would be longer than Linux allows."""
    asked = ",".join(sorted(names))
    return [f"account={asked}"] if len(asked) <= MAX_CHARACTERS else []


def failed(answer: Answer) -> CommandFailed:
    """The failure of a command that asks slurmdbd, with what may mend it."""
    said = answer.said.lower()
    remedy = ""
    if "not in the accounting system" in said or "privilege" in said or "permission denied" in said:
        remedy = (
            "the agent's user must be an administrator of slurmdbd "
            "(sacctmgr add user NAME account=root adminlevel=Administrator)"
        )
    elif "connection refused" in said or "unable to contact" in said:
        remedy = "slurmdbd does not answer; is it running?"
    elif "munge" in said:
        remedy = "munged does not answer; is it running?"
    return CommandFailed(answer, remedy)


def _descriptions(text: str, names: Collection[str], present: Collection[str]) -> dict[str, str]:
    # A description may contain anything, line ends too: only what begins with a name that was asked is a row.
    split = (line.partition("|") for line in parser.lines(text))
    found = {name: rest for name, separator, rest in split if separator and name in names}
    if missing := sorted(set(names).intersection(present).difference(found)):
        raise parser.UnreadableError(f"the account {missing[0]!r}, which has associations, is not in the answer")
    return found


def _tres(text: str) -> frozenset[str]:
    found = frozenset("/".join(filter(None, row[:2])) for row in parser.rows(text, 2))
    if "cpu" not in found:
        raise parser.UnreadableError("the answer does not even show the TRES cpu")
    return found
