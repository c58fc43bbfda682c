"""Whose an account is, written into its description: ``Ocean currents (waldur 0f3c…)``.

The 32 hex characters are the UUID of the resource, project or customer that the account was made for. Descriptions
lose their upper case in slurmdbd; the tag has none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

MAX_NAME: Final = 100
_TAG: Final = re.compile(r"\(waldur ([0-9a-f]{32})\)\s*$")

_UNSAFE: Final = frozenset("\\|#\"'`´‘’‚‛“”„‟‹›«»′″")  # noqa: RUF001 - look-alikes of quotes are what is meant
"""Quotes end a value in a load file, ``#`` begins a comment in it, and ``|`` separates columns in answers."""


def plain_text(text: str) -> str:
    """Make a name from Waldur fit for a load file: no quotes, comments, separators or control characters."""
    kept = (
        " " if character in _UNSAFE or unicodedata.category(character)[0] in "CZ" else character for character in text
    )
    return " ".join("".join(kept).split())[:MAX_NAME].strip()


def description(name: str, uuid: str) -> str:
    """The description of a new account: the name in Waldur, and whose account it is."""
    return f"{plain_text(name)} (waldur {uuid})".strip()


def owner(text: str) -> str:
    """The UUID in a description; empty where there is no tag."""
    match = _TAG.search(text)
    return match.group(1) if match else ""


def owners(descriptions: Mapping[str, str]) -> dict[str, str]:
    """Account name to the UUID in its description; an empty one where there is no tag."""
    return {name: owner(text) for name, text in descriptions.items()}
