from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from waldur_agent.config import Config, ConfigError, load
from waldur_agent.registry import Registry

SECRET = "5ecre7"
Refusal = Callable[..., list[str]]


@pytest.mark.parametrize("name", ["WALDUR_TOKEN", "_t1"])
def test_a_token_may_be_a_variable(load_text: Callable[..., Config], base: str, name: str) -> None:
    config = load_text(base.replace(SECRET, f"${{{name}}}"), environ={name: "from-environment"})
    assert config.offerings[0].token.get_secret_value() == "from-environment"


def test_a_token_may_be_in_a_file_beside_the_configuration(
    load_text: Callable[..., Config], base: str, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("from-file\r\n", encoding="utf-8")
    config = load_text(
        base.replace(f"waldur_api_token: {SECRET}", 'waldur_api_token: ""\n    waldur_api_token_file: token')
    )
    assert config.offerings[0].token.get_secret_value() == "from-file"


def test_a_relative_path_starts_from_the_configuration(base: str, tmp_path: Path, registry: Registry) -> None:
    (tmp_path / "token").write_text("from-file", encoding="utf-8")
    path = tmp_path / "c.yaml"
    path.write_text(base.replace(f"waldur_api_token: {SECRET}", "waldur_api_token_file: token"), encoding="utf-8")
    assert load(path, registry=registry, environ={}).offerings[0].token.get_secret_value() == "from-file"


def test_an_empty_token_loads(load_changed: Callable[[Mapping[int, str]], Config]) -> None:
    assert load_changed({4: '    waldur_api_token: ""'}).offerings[0].token.get_secret_value() == ""


BAD = {
    "none at all": ("", "2:5: offerings[0] lacks waldur_api_token (expected it, or waldur_api_token_file)"),
    "null": ("waldur_api_token:", "4:5: offerings[0].waldur_api_token is empty (expected text)"),
    "blank": ('waldur_api_token: "  "', "4:23: offerings[0].waldur_api_token is blank (expected a token)"),
    "blank variable": (
        "waldur_api_token: ${BLANK}",
        "4:23: offerings[0].waldur_api_token is, by the environment variable BLANK, blank (expected a token)",
    ),
    "unset variable": (
        "waldur_api_token: ${NOPE}",
        (
            "4:23: offerings[0].waldur_api_token names the environment variable NOPE, which is not set "
            "(expected a variable)"
        ),
    ),
    "variable within text": (
        "waldur_api_token: 5ecre7${NOPE}",
        (
            "4:23: offerings[0].waldur_api_token mixes ${} with other text "
            "(expected the token itself, or ${NAME} and nothing else)"
        ),
    ),
    "no header could hold it": (
        "waldur_api_token: 5ecre7 5ecre7",
        "4:23: offerings[0].waldur_api_token has characters that no token has (expected printable ASCII, no blanks)",
    ),
    "file missing": (
        "waldur_api_token_file: absent",
        (
            "4:28: offerings[0].waldur_api_token_file names absent, which cannot be read: No such file or directory "
            "(expected a file with nothing but the token)"
        ),
    ),
    "file unreadable": (
        "waldur_api_token_file: /proc/self/mem",
        (
            "4:28: offerings[0].waldur_api_token_file names /proc/self/mem, which cannot be read: Input/output error "
            "(expected a file with nothing but the token)"
        ),
    ),
    "file is a directory": (
        "waldur_api_token_file: .",
        (
            "4:28: offerings[0].waldur_api_token_file names ., which cannot be read: Is a directory "
            "(expected a file with nothing but the token)"
        ),
    ),
    "file empty": (
        "waldur_api_token_file: empty",
        "4:28: offerings[0].waldur_api_token_file is, by the file empty, blank (expected a token)",
    ),
    "file of two lines": (
        "waldur_api_token_file: lines",
        (
            "4:28: offerings[0].waldur_api_token_file has, by the file lines, characters that no token has "
            "(expected printable ASCII, no blanks)"
        ),
    ),
    "file is no text": (
        "waldur_api_token_file: binary",
        (
            "4:28: offerings[0].waldur_api_token_file names binary, which is not text "
            "(expected a file with nothing but the token)"
        ),
    ),
    "both": (
        "waldur_api_token: 5ecre7\n    waldur_api_token_file: empty",
        "5:5: offerings[0].waldur_api_token_file is given beside waldur_api_token (expected one of them)",
    ),
}


@pytest.mark.parametrize(("line", "error"), BAD.values(), ids=BAD.keys())
def test_a_bad_token_is_told_without_its_value(
    refusal: Refusal, base: str, tmp_path: Path, line: str, error: str
) -> None:
    (tmp_path / "empty").write_text("\n", encoding="utf-8")
    (tmp_path / "lines").write_text("5ecre7\n5ecre7\n", encoding="utf-8")
    (tmp_path / "binary").write_bytes(b"\xff5ecre7")
    text = base.replace(f"waldur_api_token: {SECRET}", line)
    assert refusal(text, environ={"BLANK": " "}) == [f"c.yaml:{error}"]


def test_a_good_configuration_does_not_show_its_secrets(load_text: Callable[..., Config], base: str) -> None:
    text = f"sentry_dsn: https://{SECRET}@sentry.example.org/1\n{base}"
    config = load_text(text)
    assert config.sentry_dsn == f"https://{SECRET}@sentry.example.org/1"
    assert config.offerings[0].token.get_secret_value() == SECRET
    assert SECRET not in repr(config) + str(config) + repr(config.offerings[0].token)


SPOILED = [
    "waldur_api_token: *5ecre7",
    "waldur_api_token: &5ecre7 [",
    "waldur_api_token: @5ecre7",
    "waldur_api_token: '5ecre7",
    "waldur_api_token: 5ecre7: 1",
    "waldur_api_token:5ecre7",
    "waldur_api_token: [5ecre7]",
    "waldur_api_token: {5ecre7: 1}",
    "waldur_api_token: !5ecre7 x",
    "waldur_api_token: !5ecre7",
    'waldur_api_token: "5ecre7\\q"',
    "waldur_api_tokn: 5ecre7",
    "token: 5ecre7",
    "{waldur_api_token:5ecre7, a: b}",
    "backend_settings: {password: 5ecre7, x: 1}",
    "waldur_api_token: 5ecre7 ü",
    "waldur_api_token: |\n      5ecre7\n      5ecre7",
    "waldur_api_url: https://5ecre7@waldur.example.org/api/",
    "sentry_dsn: 5ecre7",
    "verify_ssl: 5ecre7",
    "stomp_ws_host: 5ecre7/",
]


@pytest.mark.parametrize("line", SPOILED)
def test_no_error_shows_a_value(load_text: Callable[..., Config], base: str, line: str) -> None:
    text = base.replace(f"waldur_api_token: {SECRET}", line)
    with pytest.raises(ConfigError) as caught:
        load_text(text)
    error: BaseException | None = caught.value
    while error:
        assert SECRET not in str(error) + repr(error)
        error = error.__cause__ or error.__context__


def test_no_error_about_the_sentry_dsn_shows_it(refusal: Refusal, base: str) -> None:
    assert refusal(f"sentry_dsn: https://{SECRET}.example.org/\n{base}") == [
        (
            "c.yaml:1:13: sentry_dsn is not a Sentry DSN "
            '(expected a Sentry DSN, such as https://key@sentry.example.org/1, or "")'
        )
    ]
