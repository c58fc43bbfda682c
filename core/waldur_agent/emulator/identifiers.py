"""UUIDs, tokens and slugs that are the same in every run of the same scenario."""

from __future__ import annotations

import hashlib
import re
import unicodedata
import uuid

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "waldur-agent.emulator.invalid")


def stable_uuid(*parts: object) -> str:
    """32 lower-case hex characters, Waldur's form, that depend on ``parts`` alone."""
    return uuid.uuid5(_NAMESPACE, "/".join(str(part) for part in parts)).hex


def stable_token(username: str) -> str:
    """An API token in Waldur's form, 40 hex characters. Everybody can compute it: it guards nothing."""
    return hashlib.sha256(f"waldur-agent emulator {username}".encode()).hexdigest()[:40]


def as_hex(text: str) -> str:
    """A UUID with or without dashes in Waldur's form.

    Raises:
        ValueError: it is none.
    """
    return uuid.UUID(text).hex


def slugify(name: str) -> str:
    """Lower-case ASCII letters, digits and dashes; ``x`` where nothing of the name is left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-") or "x"
