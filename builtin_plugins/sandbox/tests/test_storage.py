from __future__ import annotations

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from waldur_agent_hookspecs import NotReady
from waldur_agent_sandbox import Cluster, accounts, create_cluster

KILLED_IN_A_TRANSACTION = """
import os, signal, sys
from pathlib import Path
from waldur_agent_sandbox import Cluster, accounts

with Cluster(Path(sys.argv[1])).writing() as db:
    db.execute("PRAGMA cache_size = 1")  # so that half of it is in the file already
    for number in range(2000):
        accounts.add_by_hand(db, f"half-{number}")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def _names(cluster: Cluster) -> set[str]:
    with cluster.reading() as db:
        return {name for (name,) in db.execute("SELECT name FROM accounts")}


def _add(cluster: Cluster, name: str) -> None:
    with cluster.writing() as db:
        accounts.add_by_hand(db, name)


def test_a_cluster_that_exists_is_left_as_it_is(cluster: Cluster) -> None:
    _add(cluster, "kept")
    create_cluster(cluster.database)
    assert _names(cluster) == {"kept"}


def test_a_file_that_is_not_there_is_not_an_empty_cluster(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match=r"unable to open database file.* init "), Cluster(tmp_path / "no").reading():
        pass
    assert not (tmp_path / "no").exists()


@pytest.mark.parametrize("content", [b"", b"no database at all, but long enough" * 100])
def test_a_file_of_another_kind_is_not_an_empty_cluster(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "other").write_bytes(content)
    with pytest.raises(NotReady, match="not a"), Cluster(tmp_path / "other").reading():
        pass


def test_a_strange_database_is_not_made_a_cluster(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "other") as strange:
        strange.execute("CREATE TABLE accounts (iban TEXT)")
    strange.close()
    with pytest.raises(NotReady, match="not a sandbox"):
        create_cluster(tmp_path / "other")


def test_what_was_raised_in_a_transaction_undoes_it(cluster: Cluster) -> None:
    with pytest.raises(sqlite3.IntegrityError), cluster.writing() as db:
        db.executemany("INSERT INTO accounts (name) VALUES (?)", [("never",), ("never",)])
    assert _names(cluster) == set()


def test_a_process_killed_while_writing_leaves_nothing_half_done(cluster: Cluster) -> None:
    _add(cluster, "before")
    done = subprocess.run([sys.executable, "-c", KILLED_IN_A_TRANSACTION, cluster.database], check=False)
    assert done.returncode == -9
    assert Path(f"{cluster.database}-journal").stat().st_size > 0  # it was killed with something to undo
    assert _names(cluster) == {"before"}


def test_the_read_only_plugin_cannot_write(cluster: Cluster) -> None:
    with pytest.raises(NotReady, match="readonly"):
        _add(Cluster(cluster.database, read_only=True), "never")


def test_a_reading_transaction_cannot_write(cluster: Cluster) -> None:
    with pytest.raises(NotReady, match="readonly"), cluster.reading() as db:
        accounts.add_by_hand(db, "never")


def _add_numbered(cluster: Cluster) -> None:
    with cluster.writing() as db:
        (count,) = db.execute("SELECT count(*) FROM accounts").fetchone()
        accounts.add_by_hand(db, f"account-{count}")


def test_what_a_writer_has_read_still_holds_when_it_writes(cluster: Cluster) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: _add_numbered(cluster), range(40)))
    assert _names(cluster) == {f"account-{number}" for number in range(40)}
