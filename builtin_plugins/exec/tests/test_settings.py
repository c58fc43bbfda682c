from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError
from waldur_agent_exec.settings import ExecSettings
from waldur_agent_hookspecs import specs

GOOD: dict[str, Any] = {"command": "/opt/site/backend", "hooks": ["list_accounts"]}


def settings(**changed: Any) -> ExecSettings:
    return ExecSettings.model_validate(GOOD | changed)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("/opt/site/backend", ("/opt/site/backend",)),
        ("site-backend", ("site-backend",)),
        (["/opt/my site/backend", "--verbose", ""], ("/opt/my site/backend", "--verbose", "")),
    ],
)
def test_a_command_is_a_path_a_name_or_a_list(command: object, words: tuple[str, ...]) -> None:
    assert settings(command=command).command == words


@pytest.mark.parametrize(
    "command", ["", [], [""], "./backend", "bin/backend", ["../x"], 7, ["/x", 7], ["/x", "a\0b"]]
)
def test_what_cannot_be_run_from_everywhere_is_refused(command: object) -> None:
    with pytest.raises(ValidationError):
        settings(command=command)


def test_nothing_is_split_at_spaces_as_a_shell_would() -> None:
    with pytest.raises(ValidationError, match="written as a list"):
        settings(command="/opt/site/backend --verbose")


def test_a_misspelt_hook_is_told_with_the_nearest() -> None:
    with pytest.raises(ValidationError, match="did you mean list_accounts"):
        settings(hooks=["list_acounts"])


@pytest.mark.parametrize("hooks", [[], ["describe"], ["specs"], "list_accounts"])
def test_only_hooks_of_the_contract_can_be_listed(hooks: object) -> None:
    with pytest.raises(ValidationError):
        settings(hooks=hooks)


def test_a_hook_may_stand_there_twice() -> None:
    assert settings(hooks=["set_limits", "list_accounts", "set_limits"]).hooks == ("set_limits", "list_accounts")


@pytest.mark.parametrize("seconds", [0, -1, 3601, float("nan"), "soon"])
def test_a_time_out_is_a_time(seconds: object) -> None:
    with pytest.raises(ValidationError):
        settings(timeout_seconds=seconds)


@pytest.mark.parametrize("missing", GOOD)
def test_command_and_hooks_have_to_be_given(missing: str) -> None:
    with pytest.raises(ValidationError, match="Field required"):
        ExecSettings.model_validate({key: value for key, value in GOOD.items() if key != missing})


@pytest.mark.parametrize("changed", [{"shell": True}, {"environment": {"DEBUG": 1}}, {"environment": {"A=B": "1"}}])
def test_what_nobody_understands_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        settings(**changed)


def test_the_environment_is_not_shown() -> None:
    assert "hunter2" not in repr(settings(environment={"PASSWORD": "hunter2"}))


def test_every_hook_of_the_contract_can_be_listed() -> None:
    hooks = [name for name, value in vars(specs).items() if hasattr(value, "waldur_agent_spec")]
    assert list(settings(hooks=hooks).hooks) == hooks
