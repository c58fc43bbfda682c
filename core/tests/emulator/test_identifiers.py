from __future__ import annotations

import pytest
from waldur_agent.emulator.identifiers import as_hex, slugify, stable_token, stable_uuid


def test_names_give_uuids_in_waldurs_form() -> None:
    uuid = stable_uuid("user", "alice")
    assert uuid == stable_uuid("user", "alice") != stable_uuid("user", "bob")
    assert as_hex(uuid) == uuid


def test_tokens_are_forty_hex_characters() -> None:
    assert len(bytes.fromhex(stable_token("alice"))) == 20
    assert stable_token("alice") != stable_token("bob")


@pytest.mark.parametrize(
    ("name", "slug"), [("Ocean Modelling", "ocean-modelling"), ("  Größe #1 ", "groe-1"), ("海", "x")]
)
def test_slugs_are_plain(name: str, slug: str) -> None:
    assert slugify(name) == slug
