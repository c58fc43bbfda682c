from __future__ import annotations

import pytest
from waldur_agent.emulator.endpoints.addresses import uuid_in_url

UUID = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (f"https://waldur.example.org/api/users/{UUID}/", UUID),
        ("http://x/api/users/01234567-89ab-cdef-0123-456789abcdef/", UUID),
        (f"http://x/api/projects/{UUID}/", ""),
        (f"http://x/api/users/{UUID}", ""),
        (f"http://x/api/users/{'-' * 32}/", ""),
        (UUID, ""),
        (None, ""),
    ],
)
def test_uuid_is_taken_from_an_address_of_that_collection_only(value: object, found: str) -> None:
    assert uuid_in_url(value, "users") == found
