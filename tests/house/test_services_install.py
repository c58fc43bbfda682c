"""The programs that the tests run for real: found, or said exactly."""

from __future__ import annotations

from pathlib import Path

import pytest
from services import install


def _program(folder: Path, name: str, script: str = "") -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def test_nothing_is_missing_where_everything_is_found(tmp_path: Path) -> None:
    for program in install.PACKAGES:
        _program(tmp_path, program)
    assert install.main(str(tmp_path)) == 0
    (tmp_path / "slurmd").unlink()
    assert install.missing_programs(str(tmp_path)) == ["slurmd"]


def test_where_nothing_may_be_installed_the_command_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert install.main(str(tmp_path)) == 1  # no apt-get there
    needed, command = capsys.readouterr().err.splitlines()
    assert needed.startswith("The tests need munged, mariadbd, mariadb-install-db, slurmdbd, slurmctld, slurmd, ")
    packages = (
        "gcc jq libc6-dev libnss-wrapper libpam-modules mariadb-server munge rabbitmq-server slurm-client "
        "slurmctld slurmd slurmdbd systemd"
    )
    assert command.strip() == f"apt-get install --yes --no-install-recommends {packages}"


def test_packages_are_installed_without_a_question_and_without_services(tmp_path: Path) -> None:
    log, policy = tmp_path / "log", tmp_path / "policy-rc.d"
    _program(tmp_path, "apt-get", f'{policy}; echo "$DEBIAN_FRONTEND $? $*" >>{log}')
    install.install(str(tmp_path / "apt-get"), ["munge", "slurmd"], policy)
    assert log.read_text().splitlines() == [
        "noninteractive 101 --quiet -o Dpkg::Use-Pty=0 update",
        "noninteractive 101 --quiet -o Dpkg::Use-Pty=0 install --yes --no-install-recommends munge slurmd",
    ]
    assert not policy.exists()


def test_a_policy_of_the_machines_own_is_left_alone(tmp_path: Path) -> None:
    policy = tmp_path / "policy-rc.d"
    policy.write_text("the machine's own")
    with install.services_held_back(policy):
        pass
    assert policy.read_text() == "the machine's own"


def test_a_failed_installation_leaves_no_policy(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        install.install(str(tmp_path / "apt-get"), ["munge"], tmp_path / "policy-rc.d")
    assert list(tmp_path.iterdir()) == []
