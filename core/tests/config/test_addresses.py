from __future__ import annotations

import pytest
from waldur_agent.config.addresses import api_url, host, offering_uuid, sentry_dsn
from waldur_agent.config.problems import Refused


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        ("http://localhost:8081/api/", "http://localhost:8081/api/"),
        ("https://waldur.example.org/api", "https://waldur.example.org/api/"),
        ("https://waldur.example.org/portal/api//", "https://waldur.example.org/portal/api/"),
        ("http://[::1]:8000/api/", "http://[::1]:8000/api/"),
    ],
)
def test_an_api_url_ends_with_one_slash(given: str, normal: str) -> None:
    assert api_url(given) == normal


@pytest.mark.parametrize(
    "given", ["", " http://w/api/", "http://w/api/\n", "http://[::1/api/", "http://w/myapi", "/api/"]
)
def test_what_is_no_api_url_is_refused(given: str) -> None:
    with pytest.raises(Refused):
        api_url(given)


@pytest.mark.parametrize("given", ["0A1B2C3D4E5F60718293A4B5C6D7E8F9", "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"])
def test_a_uuid_is_lower_case_and_bare(given: str) -> None:
    assert offering_uuid(given) == "0a1b2c3d4e5f60718293a4b5c6d7e8f9"


@pytest.mark.parametrize("given", ["", "https://key@sentry.example.org/1", "https://a:b@sentry.example.org/path/42/"])
def test_a_sentry_dsn_stays_as_it_is(given: str) -> None:
    assert sentry_dsn(given) == given


@pytest.mark.parametrize(
    "given", ["x", "https://sentry.example.org/1", "https://key@sentry.example.org/", "key@sentry.example.org/1"]
)
def test_what_is_no_sentry_dsn_is_refused(given: str) -> None:
    with pytest.raises(Refused):
        sentry_dsn(given)


@pytest.mark.parametrize("given", ["", "a b", "https://x", "x:80", "x/y"])
def test_what_is_no_host_is_refused(given: str) -> None:
    with pytest.raises(Refused):
        host(given)
