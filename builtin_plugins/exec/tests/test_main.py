from __future__ import annotations

import json
import subprocess
import sys

import pytest
from waldur_agent_exec.__main__ import main
from waldur_agent_exec.schema import protocol


def test_the_schema_can_be_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out) == protocol()


def test_a_request_can_be_given_to_a_program() -> None:
    command = [sys.executable, "-m", "waldur_agent_exec", "request", "add_member"]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert json.loads(printed)["arguments"]["member"]["username"] == "jdoe"


def test_a_hook_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["request", "add_members"])
    assert ended.value.code == 2
    assert "add_members" in capsys.readouterr().err
