"""That nothing escapes the check of answers with the public client's models (see ``Caller`` in the conftest)."""

from __future__ import annotations

import re

import pytest
from services.client_models import operation, parsed
from waldur_agent.emulator.app import application

OF_OLDER_SERVERS = {"slurm_remote"}
"""Blueprints of which the client of today knows nothing."""


def _path(rule: str) -> str:
    """One of the paths that a rule of Flask stands for."""
    return re.sub(r"<[^>]+>", "0" * 32, re.sub(r"<any\((\w+)[^>]*>", r"\1", rule))


def test_every_endpoint_is_one_that_the_client_knows() -> None:
    unknown = [
        f"{method} {rule.rule}"
        for rule in application().url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.endpoint.partition(".")[0] not in OF_OLDER_SERVERS and operation(method, _path(rule.rule)) is None
    ]
    assert unknown == []


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "Expecting value"),
        (b"[{}", "Expecting"),
        (b'[{"uuid": "no uuid"}]', "UUID"),
        (b'[{"created": "yesterday"}]', "invalid"),
    ],
)
def test_an_answer_that_the_client_cannot_read_is_noticed(content: bytes, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        parsed("GET", "http://waldur/api/marketplace-orders/", 200, content)


def test_a_request_that_the_client_does_not_know_is_noticed() -> None:
    with pytest.raises(LookupError):
        parsed("GET", "http://waldur/api/nosuch/", 200, b"[]")
