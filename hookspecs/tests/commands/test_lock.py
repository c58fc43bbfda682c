"""One writer at a time."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from waldur_agent_hookspecs import NotReady
from waldur_agent_hookspecs.commands import lock_directory, locked


def test_a_second_writer_waits_and_then_says_who_is_in_the_way(tmp_path: Path) -> None:
    with (
        locked(tmp_path / "locks", "test", what="this cluster"),
        pytest.raises(NotReady, match="still works on this cluster after"),
        locked(tmp_path / "locks", "test", what="this cluster", seconds=0.2),
    ):
        pass


def test_afterwards_and_for_another_backend_it_is_free(tmp_path: Path) -> None:
    with (
        locked(tmp_path / "locks", "test", what="this cluster"),
        locked(tmp_path / "locks", "other", what="this cluster", seconds=0),
    ):
        pass
    with locked(tmp_path / "locks", "test", what="this cluster", seconds=0):
        pass


def test_a_command_that_outlives_the_agent_keeps_it(tmp_path: Path) -> None:
    with locked(tmp_path / "locks", "test", what="this cluster") as descriptor:
        command = subprocess.Popen(["sleep", "60"], pass_fds=(descriptor,))
    with pytest.raises(NotReady), locked(tmp_path / "locks", "test", what="this cluster", seconds=0):
        pass
    command.kill()
    command.wait()
    with locked(tmp_path / "locks", "test", what="this cluster", seconds=0):
        pass


def test_a_directory_that_others_can_write_to_is_not_used(tmp_path: Path) -> None:
    directory = tmp_path / "locks"
    directory.mkdir()
    directory.chmod(0o777)
    with pytest.raises(NotReady, match="only this user can write to"), locked(directory, "test", what="this cluster"):
        pass


def test_a_link_in_the_place_of_the_directory_or_the_file_is_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "locks").symlink_to(elsewhere)
    with pytest.raises(NotReady), locked(tmp_path / "locks", "test", what="this cluster"):
        pass
    (elsewhere / "test.lock").symlink_to(tmp_path / "victim")
    elsewhere.chmod(0o700)
    with pytest.raises(NotReady, match="cannot be opened"), locked(elsewhere, "test", what="this cluster"):
        pass
    assert not (tmp_path / "victim").exists()


def test_by_default_it_is_a_directory_of_this_user_that_can_be_made() -> None:
    with locked(lock_directory("test"), "lock-of-a-test", what="it"):
        assert (lock_directory("test") / "lock-of-a-test.lock").exists()
    (lock_directory("test") / "lock-of-a-test.lock").unlink()
