from __future__ import annotations

from waldur_agent.cli.sentry import scrubbed


def test_a_secret_is_replaced_wherever_it_stands() -> None:
    event = {"message": 'Token abc"def', "extra": {"headers": ['x abc"def y']}, "count": 3}
    assert scrubbed(event, ['abc"def', ""]) == {
        "message": "Token [token]",
        "extra": {"headers": ["x [token] y"]},
        "count": 3,
    }
