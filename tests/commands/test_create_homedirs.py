"""``create-homedirs`` with the real ``mkhomedir_helper``, on a passwd database of the test's own."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from services.agent_runs import AgentRuns
from waldur_agent.emulator.server import EmulatorServer

MakeServer = Callable[..., EmulatorServer]


@pytest.fixture
def homes(tmp_path: Path) -> Path:
    """Where the homes of user0 and user1 are to be; the operating system knows nobody else."""
    homes = tmp_path / "homes"
    homes.mkdir()
    lines = [f"{name}:x:{os.getuid()}:{os.getgid()}::{homes / name}:/bin/sh\n" for name in ("user0", "user1")]
    (tmp_path / "passwd").write_text("".join(lines))
    (tmp_path / "group").write_text(f"everybody:x:{os.getgid()}:\n")
    return homes


def agent(tmp_path: Path, server: EmulatorServer, **settings: object) -> AgentRuns:
    environ = {
        "LD_PRELOAD": "libnss_wrapper.so",
        "NSS_WRAPPER_PASSWD": str(tmp_path / "passwd"),
        "NSS_WRAPPER_GROUP": str(tmp_path / "group"),
    }
    return AgentRuns(tmp_path, server, "slurm", settings, environ)


def test_every_named_user_gets_a_home_and_a_second_run_makes_nothing(
    tmp_path: Path, homes: Path, make_server: MakeServer
) -> None:
    runs = agent(tmp_path, make_server(people=2))
    first = runs.run("create-homedirs", "--json")
    assert (first.status, first.json[0]["users"]) == (0, 2)
    assert sorted(home.name for home in homes.iterdir()) == ["user0", "user1"]
    assert first.err.count("made the home") == 2
    second = runs.run("create-homedirs")
    assert (second.status, "made the home" in second.err) == (0, False)
    assert second.out.splitlines()[0].split() == ["OFFERING", "USERS", "WITHOUT", "NOTE"]


def test_who_cannot_have_one_is_told_and_keeps_nobody_else_from_it(
    tmp_path: Path, homes: Path, make_server: MakeServer
) -> None:
    server = make_server(people=4)
    users = {it.username: it for it in server.state.offering_users.values()}
    users["user1"].is_restricted = True
    users["user3"].username = ""
    ended = agent(tmp_path, server).run("create-homedirs", "--json")
    assert ended.status == 1
    assert ended.json[0]["without"] == {"user2": "the operating system does not know user2 yet"}
    assert [home.name for home in homes.iterdir()] == ["user0"]


def test_where_no_plugin_makes_anything_that_is_said_and_is_no_fault(
    tmp_path: Path, homes: Path, make_server: MakeServer
) -> None:
    runs = agent(tmp_path, make_server(people=2), enable_user_homedir_account_creation=False)
    ended = runs.run("create-homedirs", "--json")
    assert (ended.status, ended.json[0]["note"]) == (0, "no plugin of this offering makes anything for users")
    assert list(homes.iterdir()) == []
