"""CT-SET: the plugin's own keys under ``backend_settings``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ..bench import Bench
from ..check import check, expect
from ..watch import watched

_STRANGE = "conformance_kit_knows_no_such_key"
_WRONG: tuple[object, ...] = (None, "", "\N{SNOWMAN}", -1, 1.5, True, [], {}, [{"a": None}], "x" * 5000)


def _model(bench: Bench) -> Any:
    model = getattr(type(bench.subject.plugin), "settings_model", None)
    if not hasattr(model, "model_validate"):
        pytest.skip("settings_model is not a pydantic model, as CT-API-002 tells")
    return model


def _problems(bench: Bench, given: Mapping[str, object]) -> list[Any] | None:
    """What is wrong with settings, as pydantic tells it; None where they are good."""
    try:
        _model(bench).model_validate(dict(given), context={"components": bench.components})
    except Exception as error:  # noqa: BLE001 - whatever a validator raises is what is asked for
        problems = getattr(error, "errors", None)
        expect(
            callable(problems),
            "",
            f"settings_model raised {type(error).__name__} for {sorted(given)}",
            "Let validators raise ValueError only: it is told with file, line and column.",
        )
        return list(problems()) if callable(problems) else []
    return None


class SettingsChecks:
    """A mistake is told at the start, with its place."""

    @check("CT-SET-001", "A misspelt key is ignored, and its default used for months.")
    def test_an_unknown_key_is_refused(self, bench: Bench) -> None:
        problems = _problems(bench, {_STRANGE: 1})
        expect(
            problems is not None and any(_STRANGE in map(str, one["loc"]) for one in problems),
            "",
            "settings_model takes a key that it does not know",
            'Set model_config = ConfigDict(extra="forbid") on the settings model.',
        )

    @check("CT-SET-002", "A wrong value ends the agent with a traceback instead of file, line and column.")
    def test_a_wrong_value_is_told_as_such(self, bench: Bench) -> None:
        for key in _model(bench).model_fields:
            for value in _WRONG:
                _problems(bench, {key: value})

    @check("CT-SET-003", "Checking a configuration touches the cluster.")
    def test_checking_settings_does_nothing(self, bench: Bench) -> None:
        with watched() as seen:
            _problems(bench, {})
        expect(
            not seen,
            "",
            f"checking the settings did: {', '.join(seen)}",
            "Validators look at values only; whether the backend is there, check_health says.",
        )

    @check("CT-SET-004", "An offering without components ends the agent with a traceback.")
    def test_a_context_without_components_is_no_surprise(self, bench: Bench) -> None:
        contexts: tuple[dict[str, object] | None, ...] = ({}, {"components": {}}, None)
        for context in contexts:
            try:
                _model(bench).model_validate({}, context=context)
            except Exception as error:  # noqa: BLE001 - as above
                good = callable(getattr(error, "errors", None))
                seen = f"settings_model raised {type(error).__name__} for the context {context}"
                expect(good, "", seen, 'Validators may find no info.context["components"].')
