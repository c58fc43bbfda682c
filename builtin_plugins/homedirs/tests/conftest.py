"""Users whom only these tests know: in a passwd file of their own, which is preloaded into the real program."""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from waldur_agent_homedirs.plugin import HomedirsPlugin
from waldur_agent_homedirs.settings import HomedirsSettings
from waldur_agent_hookspecs import PluginContext

Maker = Callable[..., HomedirsPlugin]


@dataclass(frozen=True, slots=True)
class People:
    """A passwd database in a file. Everybody has this process's own number, so that no rights are needed."""

    folder: Path

    @property
    def passwd(self) -> Path:
        return self.folder / "passwd"

    @property
    def homes(self) -> Path:
        return self.folder / "homes"

    def join(self, name: str, home: Path | str | None = None) -> Path:
        """Let the system know somebody; gives the home."""
        home = self.homes / name if home is None else home
        with self.passwd.open("a") as passwd:
            passwd.write(f"{name}:x:{os.getuid()}:{os.getgid()}::{home}:/bin/sh\n")
        return Path(home)

    def look_up(self, name: str) -> pwd.struct_passwd:
        """As :func:`pwd.getpwnam`."""
        for line in self.passwd.read_text().splitlines():
            entry = line.split(":")
            if entry[0] == name:
                return pwd.struct_passwd((*entry[:2], int(entry[2]), int(entry[3]), *entry[4:]))
        raise KeyError(f"getpwnam(): name not found: {name!r}")


@pytest.fixture
def people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> People:
    group = tmp_path / "group"
    group.write_text(f"everybody:x:{os.getgid()}:\n")
    people = People(tmp_path)
    people.passwd.touch()
    people.homes.mkdir()
    monkeypatch.setenv("LD_PRELOAD", "libnss_wrapper.so")
    monkeypatch.setenv("NSS_WRAPPER_PASSWD", str(people.passwd))
    monkeypatch.setenv("NSS_WRAPPER_GROUP", str(group))
    return people


@pytest.fixture
def make_plugin(people: People) -> Maker:
    def make(*, read_only: bool = False, **settings: object) -> HomedirsPlugin:
        context = PluginContext("Ocean", "0a1b2c3d4e5f60718293a4b5c6d7e8f9", read_only=read_only)
        return HomedirsPlugin(HomedirsSettings.model_validate(settings), context, people.look_up)

    return make


@dataclass(frozen=True, slots=True)
class StandIn:
    """A script that is found in place of ``mkhomedir_helper`` and keeps a list of its calls."""

    folder: Path

    @property
    def program(self) -> Path:
        return self.folder / "mkhomedir_helper"

    def becomes(self, script: str) -> None:
        self.program.write_text(f'#!/bin/sh\necho "$@" >>{self.folder}/calls\n{script}\n')
        self.program.chmod(0o755)

    @property
    def calls(self) -> list[str]:
        kept = self.folder / "calls"
        return kept.read_text().splitlines() if kept.exists() else []


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    stand_in = StandIn(tmp_path / "bin")
    stand_in.folder.mkdir()
    stand_in.becomes("exit 0")
    monkeypatch.setenv("PATH", str(stand_in.folder), prepend=":")
    return stand_in
