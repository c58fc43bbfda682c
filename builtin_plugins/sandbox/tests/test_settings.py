from __future__ import annotations

import pytest
from pydantic import ValidationError
from waldur_agent_sandbox import SandboxSettings


def test_only_the_database_has_to_be_given() -> None:
    assert SandboxSettings.model_validate({"database": "/x"}).allocation_prefix == ""


@pytest.mark.parametrize(
    ("bad", "where"),
    [
        ({}, "database"),
        ({"database": "/x", "databse": "/y"}, "databse"),
        ({"database": "/x", "customer_prefix": "C_"}, "customer_prefix"),
        ({"database": "/x", "project_prefix": "p "}, "project_prefix"),
        ({"database": "/x", "allocation_prefix": 5}, "allocation_prefix"),
    ],
)
def test_a_bad_key_is_named(bad: dict[str, object], where: str) -> None:
    with pytest.raises(ValidationError) as caught:
        SandboxSettings.model_validate(bad)
    assert [error["loc"] for error in caught.value.errors()] == [(where,)]
