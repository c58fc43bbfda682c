"""CT-SEC: passwords and tokens stay in the settings."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest

from ..bench import Bench
from ..check import check, expect
from .usage import MARCH

_SECRET = re.compile(r"password|passwd|passphrase|secret|token|api_?key|credential|private_?key", re.IGNORECASE)
_REMEDY = "Keep it as pydantic.SecretStr, and never put it into a text."


def _secrets(bench: Bench) -> dict[str, str]:
    """The values of settings whose names say that they are secret."""
    settings = bench.settings
    found: dict[str, str] = {}
    for name in getattr(type(settings), "model_fields", {}):
        value: Any = getattr(settings, name)
        text = value.get_secret_value() if hasattr(value, "get_secret_value") else value
        if _SECRET.search(name) and isinstance(text, str) and len(text) > 2:
            found[name] = text
    if not found:
        pytest.skip("no setting has a name and a value like a secret's")
    return found


def _expect_untold(bench: Bench, hook: str, what: str, text: str) -> None:
    told = [name for name, secret in _secrets(bench).items() if secret in text]
    expect(not told, hook, f"{what} contains the value of {', '.join(told)}", _REMEDY)


def _everything_asked(bench: Bench) -> list[tuple[str, object]]:
    """What the hooks that need no account answer or raise."""
    ref = bench.ref()
    asked: dict[str, dict[str, object]] = {
        "list_accounts": {"refs": [ref]},
        "create_account": {"ref": ref},
        "delete_account": {"ref": ref},
        "add_member": {"ref": ref, "member": bench.member()},
        "collect_usage": {"refs": [ref], "period": MARCH},
        "check_health": {},
    }
    return [(hook, bench.subject.attempt(hook, **given)) for hook, given in asked.items() if bench.subject.can(hook)]


class SecretChecks:
    """Not in a log, not in an error, not in a traceback."""

    @check("CT-SEC-001", "A password is in every traceback that shows the settings.")
    def test_not_in_the_settings_repr(self, bench: Bench) -> None:
        _expect_untold(bench, "", "repr(settings)", repr(bench.settings) + str(bench.settings))

    @check("CT-SEC-002", "A password is in every traceback that shows the plugin.")
    def test_not_in_the_plugins_repr(self, bench: Bench) -> None:
        plugin = bench.subject.plugin
        _expect_untold(bench, "", "repr(plugin)", repr(plugin) + str(plugin))

    @check("CT-SEC-003", "A customer reads the site's password in a failed order.")
    def test_not_in_answers(self, bench: Bench) -> None:
        for hook, answer in _everything_asked(bench):
            _expect_untold(bench, hook, "its answer", f"{answer!r} {answer}")

    @check("CT-SEC-004", "A daemon that is down puts the site's password into the log.", needs=("break_backend",))
    def test_not_in_errors(self, bench: Bench) -> None:
        _secrets(bench)
        with bench.broken():
            for hook, answer in _everything_asked(bench):
                _expect_untold(bench, hook, "what it raises", f"{answer!r} {answer} {_causes(answer)}")

    @check("CT-SEC-005", "The log has the site's password.")
    def test_not_in_the_log(self, bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
        _secrets(bench)
        with caplog.at_level(logging.DEBUG):
            _everything_asked(bench)
        _expect_untold(bench, "", "the log", caplog.text)


def _causes(answer: object) -> str:
    cause = getattr(answer, "__cause__", None)
    return f"{cause!r} {_causes(cause)}" if cause is not None else ""
