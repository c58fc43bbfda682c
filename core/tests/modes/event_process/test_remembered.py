from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
from waldur_agent.modes.event_process.remembered import FILE, Remembered

URL, OTHER, OFFERING = "https://one.example.org/api/", "https://two.example.org/api/", "1" * 32


def test_it_is_there_after_a_restart_apart_by_server_offering_and_purpose(tmp_path: Path) -> None:
    first = Remembered(tmp_path / "state")
    first.put(URL, OFFERING, "stomp order", "a")
    first.put(URL, OFFERING, "stomp resource", "b")
    first.put(URL, "2" * 32, "stomp order", "c")
    first.put(OTHER, OFFERING, "stomp order", "d")
    again = Remembered(tmp_path / "state")
    assert again.of(URL, OFFERING) == {"stomp order": "a", "stomp resource": "b"}
    assert again.of(URL, "2" * 32) == {"stomp order": "c"}
    assert again.of(OTHER, OFFERING) == {"stomp order": "d"}
    again.drop(URL, OFFERING, "stomp order")
    assert Remembered(tmp_path / "state").of(URL, OFFERING) == {"stomp resource": "b"}


def test_only_its_owner_can_read_it_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    Remembered(tmp_path).put(URL, OFFERING, "stomp order", "a")
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"a": []}', '{"a": {"b": 1}}', "\x00"])
def test_a_file_that_cannot_be_used_is_as_none(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE).write_text(content)
    remembered = Remembered(tmp_path)
    assert remembered.of(URL, OFFERING) == {}
    remembered.put(URL, OFFERING, "stomp order", "a")
    assert json.loads((tmp_path / FILE).read_text()) == {URL: {OFFERING: {"stomp order": "a"}}}


def test_where_it_cannot_be_written_that_is_said_once_and_it_works_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    remembered = Remembered(tmp_path / "file" / "state")
    with caplog.at_level(logging.WARNING):
        remembered.put(URL, OFFERING, "stomp order", "a")
        remembered.put(URL, OFFERING, "stomp resource", "b")
    assert remembered.of(URL, OFFERING) == {"stomp order": "a", "stomp resource": "b"}
    (said,) = caplog.messages
    assert "state_directory" in said
