"""How accounts are named. Nothing is asked here."""

from __future__ import annotations

import re
from collections.abc import Iterator

from waldur_agent_hookspecs import AccountRef, BackendError, NamePolicy, NotReady

# TODO: what your system takes as a name.
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,59}")
_ATTEMPTS = 10


def candidates(prefix: str, ref: AccountRef) -> Iterator[str]:
    """The names that a new account may have, the best first.

    Raises:
        NotReady: Waldur does not tell the slug that the name is made from.
        BackendError: the slug cannot be part of a name.
    """
    by_project = ref.name_policy is NamePolicy.PROJECT_SLUG
    slug = ref.project.slug if by_project else ref.slug
    if not slug:
        raise NotReady(f"Waldur tells no slug for resource {ref.resource_uuid}, so it has no name yet; set one there")
    name = f"{prefix}{slug}".lower()
    if not _NAME.fullmatch(name):
        raise BackendError(
            f"{name!r} cannot be an account's name: at most 60 of a-z, 0-9, '_', '.', '-'; change the slug in Waldur"
        )
    yield name
    # Resources of one project share its slug.
    yield from (f"{name}-{number}" for number in range(_ATTEMPTS - 1) if by_project)
