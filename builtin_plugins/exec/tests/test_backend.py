from __future__ import annotations

import inspect
import logging
from typing import Any

import pluggy
import pytest
from waldur_agent_exec.backend import ExecPlugin
from waldur_agent_exec.samples import ARGUMENTS
from waldur_agent_exec.signatures import HOOKS, NOTICES, WRITING
from waldur_agent_hookspecs import (
    PROJECT,
    AddMember,
    BackendError,
    CreateAccount,
    Member,
    NotReady,
    Outcome,
    OutcomeStatus,
    specs,
)

from .conftest import REF, MakePlugin, Script

CHANGES = [CreateAccount(ref=REF, reason="ordered"), AddMember(ref=REF, reason="joined", member=Member("jdoe"))]
RESULTS: dict[str, Any] = {
    "describe_components": {},
    "review_order": {"verdict": "accept"},
    "list_accounts": {},
    "collect_usage": {},
    "account_metadata": {},
    "preview_changes": {},
    "apply_changes": [],
    "create_account": "a",
    "find_username": "jdoe",
    "generate_username": "jdoe",
    "prepare_users": {},
}


def hook_calls(plugin: ExecPlugin) -> pluggy.PluginManager:
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(specs)
    manager.register(plugin)
    manager.check_pending()
    return manager


@pytest.mark.parametrize("hook", [hook for hook in HOOKS if hook != "check_health"])
def test_every_hook_is_one_call_with_its_name_and_arguments(
    make_plugin: MakePlugin, script: Script, hook: str
) -> None:
    script.answers(RESULTS.get(hook, True))
    arguments = ARGUMENTS[hook]
    getattr(hook_calls(make_plugin()).hook, hook)(**arguments)
    assert (script.asked["hook"], set(script.asked["arguments"])) == (hook, set(arguments))
    assert set(arguments) == set(inspect.signature(getattr(specs, hook)).parameters)


@pytest.mark.parametrize("hook", HOOKS)
def test_a_plugin_can_what_its_settings_list(make_plugin: MakePlugin, hook: str) -> None:
    manager = hook_calls(make_plugin(hooks=(hook,)))
    can = {name for name in HOOKS if getattr(manager.hook, name).get_hookimpls()}
    assert can == {hook, "check_health"}


def test_two_instances_have_each_their_own_hooks(make_plugin: MakePlugin) -> None:
    make_plugin(hooks=("set_limits",))
    assert hook_calls(make_plugin()).hook.set_status.get_hookimpls()
    assert ExecPlugin.set_status is not None


def test_making_a_plugin_touches_nothing(make_plugin: MakePlugin, script: Script) -> None:
    script.answers("a")
    make_plugin()
    assert not script.was_asked


def test_each_outcome_finds_its_change(make_plugin: MakePlugin, script: Script) -> None:
    script.answers(
        [{"change": 1, "status": "failed", "text": "no"}, {"change": 0, "status": "done", "backend_id": "a"}]
    )
    added, created = make_plugin().apply_changes(CHANGES)
    assert created == Outcome(CHANGES[0], OutcomeStatus.DONE, backend_id="a")
    assert added == Outcome(CHANGES[1], OutcomeStatus.FAILED, "no")
    assert added.change is CHANGES[1]


@pytest.mark.parametrize("number", [-1, 2])
def test_an_outcome_of_no_change_is_not_understood(make_plugin: MakePlugin, script: Script, number: int) -> None:
    script.answers([{"change": number, "status": "done"}])
    with pytest.raises(
        NotReady, match=rf"asked apply_changes, .* an outcome of change {number}, but they are 0 to 1"
    ):
        make_plugin().apply_changes(CHANGES)


def test_an_error_of_the_program_is_the_hooks(make_plugin: MakePlugin, script: Script) -> None:
    script.says({"error": {"kind": "backend_error", "text": "the name is taken"}})
    with pytest.raises(BackendError, match=r"^the name is taken$"):
        make_plugin().create_account(REF)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("echo one >&2; echo two >&2; exit 4", "asked create_account, ended with exit status 4: two"),
        ("""echo '{"result": "a"}'; exit 1""", "ended with exit status 1: it said nothing on standard error"),
        ("echo done", "gave an answer that is not understood: the answer is not one JSON object"),
        ("exec sleep 600", r"did not end within 0\.5 s \(timeout_seconds\) and was stopped"),
    ],
)
def test_a_program_that_fails_is_never_an_answer(
    make_plugin: MakePlugin, script: Script, body: str, text: str
) -> None:
    script.becomes(body)
    with pytest.raises(NotReady, match=text) as raised:
        make_plugin(timeout_seconds=0.5).create_account(REF)
    assert str(script.path) in str(raised.value)


def test_a_listener_that_fails_is_told(make_plugin: MakePlugin, script: Script) -> None:
    script.becomes("exit 9")
    with pytest.raises(NotReady, match="asked members_synced, ended with exit status 9"):
        make_plugin().members_synced(REF, [Member("jdoe")])


def test_a_listener_need_not_say_anything(make_plugin: MakePlugin, script: Script) -> None:
    script.becomes("true")
    make_plugin().members_synced(REF, [Member("jdoe")])
    assert script.asked["arguments"]["members"][0]["username"] == "jdoe"


@pytest.mark.parametrize("hook", sorted(WRITING - NOTICES))
def test_nothing_is_changed_where_nothing_may_be(make_plugin: MakePlugin, script: Script, hook: str) -> None:
    script.answers(True)
    with pytest.raises(NotReady, match="read_only"):
        getattr(make_plugin(read_only=True), hook)(**ARGUMENTS[hook])
    assert not script.was_asked


def test_nobody_is_told_where_nothing_is_done(make_plugin: MakePlugin, script: Script) -> None:
    script.becomes("true")
    make_plugin(read_only=True).members_synced(REF, [])
    assert not script.was_asked


def test_reading_is_asked_with_a_note_that_nothing_may_be_changed(make_plugin: MakePlugin, script: Script) -> None:
    script.answers({})
    make_plugin(read_only=True).list_accounts([REF])
    assert script.asked["context"]["read_only"] is True


def test_what_the_program_notes_is_logged_a_line_each_and_cannot_forge_another(
    make_plugin: MakePlugin, script: Script, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    script.becomes(r"""printf 'one\rERROR two\033[2J\nthree\n' >&2; echo '{"result": "a"}'""")
    assert make_plugin().create_account(REF) == "a"
    shown = ["one", r"ERROR two\x1b[2J", "three"]
    assert caplog.messages == [f"Ocean: create_account: {line}" for line in shown]


def test_the_log_is_not_filled(make_plugin: MakePlugin, script: Script, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    script.becomes("""seq 1000 >&2; printf '%02000d' 1 >&2; echo '{"result": "a"}'""")
    make_plugin().create_account(REF)
    assert len(caplog.messages) == 201
    assert caplog.messages[-1] == "Ocean: create_account: 801 more lines are left out"
