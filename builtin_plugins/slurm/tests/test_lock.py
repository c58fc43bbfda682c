"""One writer per cluster."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from waldur_agent_hookspecs import NotReady
from waldur_agent_slurm.lock import cluster_lock, default_directory


def test_a_second_writer_waits_and_then_says_who_is_in_the_way(tmp_path: Path) -> None:
    with (
        cluster_lock("test", tmp_path / "locks"),
        pytest.raises(NotReady, match="another agent"),
        cluster_lock("test", tmp_path / "locks", seconds=0.2),
    ):
        pass


def test_afterwards_and_for_another_cluster_it_is_free(tmp_path: Path) -> None:
    with cluster_lock("test", tmp_path / "locks"), cluster_lock("other", tmp_path / "locks", seconds=0):
        pass
    with cluster_lock("test", tmp_path / "locks", seconds=0):
        pass


def test_a_command_that_outlives_the_agent_keeps_it(tmp_path: Path) -> None:
    with cluster_lock("test", tmp_path / "locks") as descriptor:
        command = subprocess.Popen(["sleep", "60"], pass_fds=(descriptor,))
    with pytest.raises(NotReady), cluster_lock("test", tmp_path / "locks", seconds=0):
        pass
    command.kill()
    command.wait()
    with cluster_lock("test", tmp_path / "locks", seconds=0):
        pass


def test_a_directory_that_others_can_write_to_is_not_used(tmp_path: Path) -> None:
    directory = tmp_path / "locks"
    directory.mkdir()
    directory.chmod(0o777)
    with pytest.raises(NotReady, match="only this user can write to"), cluster_lock("test", directory):
        pass


def test_a_link_in_the_place_of_the_directory_or_the_file_is_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "locks").symlink_to(elsewhere)
    with pytest.raises(NotReady), cluster_lock("test", tmp_path / "locks"):
        pass
    (elsewhere / "test.lock").symlink_to(tmp_path / "victim")
    elsewhere.chmod(0o700)
    with pytest.raises(NotReady, match="cannot be opened"), cluster_lock("test", elsewhere):
        pass
    assert not (tmp_path / "victim").exists()


def test_by_default_it_is_a_directory_of_this_user_that_can_be_made() -> None:
    with cluster_lock("lock-of-a-test", default_directory()):
        assert (default_directory() / "lock-of-a-test.lock").exists()
    (default_directory() / "lock-of-a-test.lock").unlink()
