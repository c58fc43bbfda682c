"""One refused entry among many, on an accounting that keeps what was loaded and refuses what it is told to."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from waldur_agent_hookspecs import NotReady
from waldur_agent_hookspecs.commands import Answer, CommandFailed
from waldur_agent_slurm.accounting import Accounting
from waldur_agent_slurm.client import SlurmClient
from waldur_agent_slurm.loadfile import AccountEntry, Entry, MemberEntry, in_order
from waldur_agent_slurm.loading import MAX_ATTEMPTS, Loading


@dataclass(slots=True)
class PickyAccounting(Accounting):
    """Takes a file as a whole, unless one of its lines contains a word that it refuses."""

    refused_word: str = "bad"
    tells_line: bool = True
    loaded: list[str] = field(default_factory=list)
    loads: int = 0

    def load(self, text: str) -> None:
        self.loads += 1
        for number, line in enumerate(text.splitlines(), start=1):
            if self.refused_word in line and not line.startswith("Parent"):
                said = (
                    f" Unknown option: x\n Problem with line({number})\n"
                    if self.tells_line
                    else "fatal: with quotes\n"
                )
                raise CommandFailed(Answer("sacctmgr -i load", 1, "", said))
        self.loaded += [line for line in text.splitlines() if not line.startswith(("Cluster", "Parent"))]


def _picky(*, tells_line: bool = True, refused_word: str = "bad") -> PickyAccounting:
    return PickyAccounting(SlurmClient(None), "test", tells_line=tells_line, refused_word=refused_word)


@given(st.sets(st.integers(0, 39), max_size=3), st.booleans())
def test_only_what_is_refused_is_refused(bad: set[int], tells_line: bool) -> None:
    entries: list[Entry] = [
        AccountEntry(f"bad{number}" if number in bad else f"a{number}", "p") for number in range(40)
    ]
    accounting = _picky(tells_line=tells_line)
    loading = Loading(accounting)
    loading.load(entries)
    assert loading.failure is None
    assert set(loading.refused) == {f"bad{number}" for number in bad}
    assert len(accounting.loaded) == 40 - len(bad)


def test_what_needs_a_refused_account_is_refused_with_it_and_never_loaded() -> None:
    accounts = [AccountEntry("bad_p", "root"), AccountEntry("a", "bad_p"), AccountEntry("b", "root")]
    entries = in_order(accounts, [MemberEntry("alice", "a"), MemberEntry("alice", "b")])
    accounting = _picky()
    loading = Loading(accounting)
    loading.load(entries)
    assert set(loading.refused) == {"bad_p", "a", "alice in a"}
    assert accounting.loaded == ["Account - 'b'", "User - 'alice'"]


def test_refused_limits_of_an_account_that_exists_leave_its_new_members_alone() -> None:
    accounting = _picky()
    loading = Loading(accounting)
    loading.load([AccountEntry("bad_a", "p", new=False), MemberEntry("alice", "bad_a")])
    assert set(loading.refused) == {"bad_a"}
    assert accounting.loaded == ["User - 'alice'"]


def test_what_slurm_said_is_in_the_text() -> None:
    loading = Loading(_picky())
    loading.load([AccountEntry("bad", "p")])
    assert loading.refused["bad"] == "SLURM refused Account - 'bad': Unknown option: x; Problem with line(3)"


@pytest.mark.parametrize(
    "said", ["Connection refused", "", "Segmentation fault", "line(2) You need to add this parent"]
)
def test_a_failure_that_names_no_object_refuses_nobody(said: str) -> None:
    @dataclass(slots=True)
    class DeadAccounting(Accounting):
        def load(self, text: str) -> None:
            raise CommandFailed(Answer("sacctmgr -i load", 1, "", said))

    loading = Loading(DeadAccounting(SlurmClient(None), "test"))
    loading.load([AccountEntry("a", "p"), AccountEntry("b", "p")])
    assert not loading.refused
    assert isinstance(loading.failure, NotReady)


def test_a_cluster_that_refuses_everything_is_not_asked_for_ever() -> None:
    accounting = _picky(refused_word="a")
    loading = Loading(accounting)
    loading.load([AccountEntry(f"a{number}", "p") for number in range(100)])
    assert accounting.loads == MAX_ATTEMPTS
    assert loading.failure is not None
